"""The pages of the differentiation model: its titles, and one to add, change or take away."""

import re
from collections.abc import Callable
from dataclasses import replace

from starlette.requests import Request

from services.booking.catalogue.queries import course_titles
from services.booking.titles import queries
from services.booking.titles.bodies import PlacedTitleBody, TitleBody
from services.booking.titles.replace import ONE_EDITOR, replace_titles
from shared.web.etags import require_if_match
from shared.web.fields import Code
from shared.web.pages import Done, View, _, page_router
from shared.web.problems import Problem, not_found
from shared.web.routing import ANY, Role, Unit, allow

router = page_router()

LIST = "/boka/titlar"
ONE = f"{LIST}/{{code}}"
Titles = list[TitleBody]


@router.get(LIST)
async def title_list(unit: Unit = allow(*ANY)) -> View:
    """Titles in the model's order, with the courses that each asks for."""
    titles, _revision = await queries.titles(unit)
    return View("titles/list.html", titles=titles, course_titles=await course_titles(unit))


@router.get(f"{LIST}/ny")
async def new_title(unit: Unit = allow(Role.COORDINATOR)) -> View:
    titles, revision = await queries.titles(unit)
    place = len(titles) + 1
    return View("titles/one.html", revision, title=None, place=place, course_titles=await course_titles(unit))


@router.post(f"{LIST}/ny")
async def add_title(body: PlacedTitleBody, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    return await _replaced(unit, request, body.put_into)


@router.get(f"{ONE}/andra")
async def one_title(code: Code, unit: Unit = allow(Role.COORDINATOR)) -> View:
    titles, revision = await queries.titles(unit)
    place = _place(titles, code)
    shown = titles[place]
    return View("titles/one.html", revision, title=shown, place=place + 1, course_titles=await course_titles(unit))


@router.post(f"{ONE}/andra")
async def save_title(code: Code, body: PlacedTitleBody, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    return await _replaced(unit, request, lambda titles: body.put_into(_without(titles, code)))


@router.get(f"{ONE}/ta-bort")
async def before_taking_away(code: Code, unit: Unit = allow(Role.COORDINATOR)) -> View:
    titles, revision = await queries.titles(unit)
    return View("titles/remove.html", revision, title=titles[_place(titles, code)])


@router.post(f"{ONE}/ta-bort")
async def take_away(code: Code, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    return await _replaced(unit, request, lambda titles: _without(titles, code))


def _place(titles: Titles, code: str) -> int:
    """Raises 404."""
    for place, one in enumerate(titles):
        if one.title == code:
            return place
    raise not_found("Titeln", "The title")


def _without(titles: Titles, code: str) -> Titles:
    place = _place(titles, code)
    return titles[:place] + titles[place + 1 :]


async def _replaced(unit: Unit, request: Request, change: Callable[[Titles], Titles]) -> Done:
    """The model is replaced as a whole; what is wrong with a title of the list is so with the form's one."""
    await unit.execute(ONE_EDITOR)
    present, revision = await queries.titles(unit)
    if revision is not None:
        require_if_match(request, revision)
    try:
        await replace_titles(unit, present, revision, change(present))
    except Problem as problem:
        errors = [replace(error, pointer=re.sub(r"^/\d+", "", error.pointer)) for error in problem.errors]
        raise replace(problem, errors=errors) from problem
    return Done(LIST, _("Saved."))
