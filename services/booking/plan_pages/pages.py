"""The pages of demand: what each municipality wishes for, and the plan that follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from services.booking.catalogue.queries import course_titles, municipality_names, project_row
from services.booking.fields import Term
from services.booking.planning.bodies import DemandFieldsBody, MunicipalityDemandShown
from services.booking.planning.propose_plan import propose_plan
from services.booking.planning.queries import demand, demands
from services.booking.planning.state_demand import state_demand
from services.booking.planning.working_days import term_after, term_of
from shared.clock import local_day
from shared.web.cursors import Page, Paging
from shared.web.pages import Done, View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

DEMAND = "/boka/behov"
ROWS = 50


@router.get(DEMAND)
async def next_term(unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> Done:
    """The term that is planned now: the next one."""
    return Done(f"{DEMAND}/{term_after(term_of(local_day(unit.recorded_at)))}")


@router.get(f"{DEMAND}/{{term}}")
async def wishes(term: Term, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """A municipality's own wishes, to edit; for the office those of all."""
    around: dict[str, Any] = {"term": term, "beside": await _beside(unit, term)}
    courses = await course_titles(unit)
    if unit.municipality is None:
        stated, names = (await demands(unit, term)).items, await municipality_names(unit)
        silent = sorted(set(names.values()) - {names.get(each.municipality) for each in stated})
        return View("plan_pages/demands.html", rows=_by_course(stated, courses, names), silent=silent, **around)
    own, revision = await demand(unit, unit.municipality, term)
    seats = {wish.course: wish.seats for wish in own.wishes}
    return View("plan_pages/demand.html", revision, courses=courses, seats=seats, **around)


async def _beside(unit: Unit, term: str) -> list[str]:
    """The terms before and after, as far as the project goes on in them."""
    project = await project_row(unit)
    beside = [term_after(term, -1), term_after(term)]
    if project is None:
        return beside
    first, last = term_of(project["period_from"]), term_of(project["period_to"])
    return [one for one in beside if first <= one <= last]


@router.post(f"{DEMAND}/{{term}}")
async def state_wishes(
    term: Term, body: DemandFieldsBody, request: Request, unit: Unit = allow(Role.MUNICIPALITY)
) -> Done:
    assert unit.municipality is not None
    await state_demand(unit, request, unit.municipality, term, body.stated())
    return Done(f"{DEMAND}/{term}", _("Saved. The project office plans the term from what all wish for."))


@dataclass(frozen=True)
class CourseDemand:
    """What is wished for of a course: by each municipality's name."""

    title: str
    wishes: dict[str, int]

    @property
    def seats(self) -> int:
        return sum(self.wishes.values())


def _by_course(
    stated: Sequence[MunicipalityDemandShown], courses: dict[str, str], names: dict[str, str]
) -> list[CourseDemand]:
    """The most wished for first."""
    found: dict[str, dict[str, int]] = {}
    for each in stated:
        for wish in each.wishes:
            if wish.seats:
                found.setdefault(wish.course, {})[names.get(each.municipality, each.municipality)] = wish.seats
    rows = [CourseDemand(courses.get(code, code), wishes) for code, wishes in found.items()]
    return sorted(rows, key=lambda one: (-one.seats, one.title))


@router.get(f"{DEMAND}/{{term}}/plan")
async def plan(term: Term, page: Paging, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """The sessions that would give what is wished for, and what they do for each commitment."""
    found, shorter = await propose_plan(unit, term), Page(ROWS, page.after, page.path)
    numbered = list(enumerate(found.sessions, start=1))[page.last(int) or 0 :]
    return View(
        "plan_pages/plan.html",
        term=term,
        plan=found,
        listing=shorter.answer(numbered[: shorter.fetch], lambda one: [one[0]], lambda one: one[1]),
        courses=await course_titles(unit),
        municipalities=await municipality_names(unit),
    )
