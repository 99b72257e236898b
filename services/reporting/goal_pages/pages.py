"""The pages of goals: what was promised and what has been reached, and all of it to edit."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from starlette.requests import Request

from services.reporting.drill.labels import label
from services.reporting.figures.asking import counting
from services.reporting.figures.project import names_known
from services.reporting.goals.bodies import GoalsFieldsBody, GoalShown, IndicatorShown
from services.reporting.goals.queries import figures_of_the_project, goals
from services.reporting.goals.replace import replace_goals
from services.reporting.reports.words import Words
from services.reporting.shares import share
from shared.clock import local_day
from shared.sorting import swedish_order
from shared.web.pages import Done, View, _, page_router
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import Role, Unit, allow

router = page_router()

PAGE: Final = "/uppfoljning/mal"
USUAL: Final = {
    "unique_participants.total": _("Unique people"),
    "participations.total": _("Participations"),
    "sessions.held": _("Sessions held"),
    "sessions.courses_offered": _("Courses offered"),
    "minutes.attested": _("Attested hours"),
    "minutes.claimable": _("Claimable hours"),
    "seats.fill_rate": _("Share of seats filled"),
    "cofinancing.project.attainment": _("Share of the promised hours"),
    "cofinancing.project.commitment_minutes": _("Promised hours"),
    "cofinancing.project.attested_minutes": _("Attested hours of the promise"),
    "cofinancing.project.claimable_minutes": _("Claimable hours of the promise"),
    "cofinancing.project.unmatched_minutes": _("Hours without an employer"),
    "surveys.participant.helped.share": _("Share who say that it helped them"),
    "surveys.participant.confidence.mean": _("Mean of how safe they are, 1 to 5"),
    "surveys.participant.language_support.share": _("Share who got language support, of those who needed it"),
}
"""The figures that goals are mostly seen by: first in the list, in words of their own. The others are called as in
reports.
"""


@router.get(PAGE)
async def goal_page(unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> View:
    """Each goal with its indicators: target, what has been reached, and how much of the target that is."""
    found, _revision = await goals(unit)
    reached = [[_reached(indicator) for indicator in goal.indicators] for goal in found]
    today = local_day(unit.clock.now())
    return View("goal_pages/goals.html", goals=found, reached=reached, figures=await _names(unit, found), today=today)


@router.get(f"{PAGE}/andra")
async def edit_goals(unit: Unit = allow(Role.COORDINATOR)) -> View:
    known = await figures_of_the_project(unit)
    found, revision = await goals(unit, known)
    figures = await _names(unit, found, also=known)
    return View("goal_pages/edit.html", revision, goals=found, figures=figures)


@router.post(f"{PAGE}/andra")
async def save_goals(body: GoalsFieldsBody, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await replace_goals(unit, request, body.stated())
    return Done(PAGE, _("Saved."))


async def _names(unit: Unit, goals: Sequence[GoalShown], also: Iterable[str] = ()) -> dict[str, str]:
    """What the figures of goals, and others, are called: the usual ones first, the rest in the alphabet's order."""
    figures = {one.figure for goal in goals for one in goal.indicators if one.figure} | set(also)
    known, words = await names_known(unit, await counting(unit)), Words(LANGUAGE.get())
    others = [(figure, label(figure, known, words)) for figure in figures if figure not in USUAL]
    usual = [(figure, name) for figure, name in USUAL.items() if figure in figures]
    return dict([*usual, *sorted(others, key=lambda one: swedish_order(one[1]))])


def _reached(indicator: IndicatorShown) -> float | None:
    """The value's part of the target; None where one of them is no number."""
    value: Any = indicator.value
    target: Any = indicator.target
    if not isinstance(value, int | float) or not isinstance(target, int | float) or target <= 0:
        return None
    return share(round(value * 10**6), round(target * 10**6))
