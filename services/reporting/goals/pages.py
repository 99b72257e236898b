"""The pages of goals: what was promised and what has been reached, and all of it to edit."""

from typing import Any, Final

from starlette.requests import Request

from services.reporting.goals.bodies import GoalsFieldsBody, IndicatorShown
from services.reporting.goals.queries import goals
from services.reporting.goals.replace import replace_goals
from services.reporting.shares import share
from shared.clock import local_day
from shared.web.pages import Done, View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

PAGE: Final = "/uppfoljning/mal"
FIGURES: Final = {
    "unique_participants.total": _("Unique people"),
    "participations.total": _("Participations"),
    "sessions.held": _("Sessions held"),
    "sessions.courses_offered": _("Courses offered"),
    "minutes.attested": _("Attested hours"),
    "minutes.claimable": _("Claimable hours"),
    "seats.fill_rate": _("Share of seats filled"),
    "cofinancing.project.attainment": _("Share of the promised hours"),
    "surveys.participant.helped.share": _("Share who say that it helped them"),
    "surveys.participant.confidence.mean": _("Mean of how safe they are, 1 to 5"),
    "surveys.participant.language_support.share": _("Share who got language support, of those who needed it"),
}
"""The figures that an editor chooses among; the API takes every other one."""


@router.get(PAGE)
async def goal_page(unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> View:
    """Each goal with its indicators: target, what has been reached, and how much of the target that is."""
    found, _revision = await goals(unit)
    reached = [[_reached(indicator) for indicator in goal.indicators] for goal in found]
    today = local_day(unit.clock.now())
    return View("goals/goals.html", goals=found, reached=reached, figures=FIGURES, today=today)


@router.get(f"{PAGE}/andra")
async def edit_goals(unit: Unit = allow(Role.COORDINATOR)) -> View:
    found, revision = await goals(unit)
    return View("goals/edit.html", revision, goals=found, figures=FIGURES)


@router.post(f"{PAGE}/andra")
async def save_goals(body: GoalsFieldsBody, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await replace_goals(unit, request, body.stated())
    return Done(PAGE, _("Saved."))


def _reached(indicator: IndicatorShown) -> float | None:
    """The value's part of the target; None where one of them is no number."""
    value: Any = indicator.value
    target: Any = indicator.target
    if not isinstance(value, int | float) or not isinstance(target, int | float) or target <= 0:
        return None
    return share(round(value * 10**6), round(target * 10**6))
