"""The page of co-financing: promised, attested, claimable, where it is heading, and what closes the gap."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from services.reporting.cofinancing_pages.gap import closing, typical
from services.reporting.figure_pages.reading import leads
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.cofinancing import cofinancing, released_cofinancing
from services.reporting.figures.figures import figures
from services.reporting.figures.http import month_to_release
from services.reporting.figures.pages import worst_first
from services.reporting.figures.project import project_period
from services.reporting.home.standing import attainment_chart, elapsed
from services.reporting.shares import share
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.fields import Day
from shared.web.pages import View, page_router
from shared.web.routing import allow

router = page_router()


@router.get("/uppfoljning/samfinansiering")
async def show_cofinancing(
    as_of: Day | None = None,
    unit: Unit = allow(Role.COORDINATOR, Role.FUNDER, Role.MUNICIPALITY, Role.EVALUATOR),
) -> View:
    """A municipality's own hours; to the others everybody's."""
    at, released = await counting(unit), unit.role is Role.EVALUATOR
    project = await project_period(unit, at)
    day, table = await _as_of(unit, at, as_of)
    first = project.first if project else day
    held = None if released else typical(await figures(unit, at, Question(first, day)))
    own = unit.municipality
    rows = [one for one in worst_first(table["municipalities"]) if own in (None, one["code"])]
    return View(
        "cofinancing_pages/cofinancing.html",
        day=day,
        released=released,
        own=own is not None,
        project=table["project"] | {"forecast": _of_project(table["municipalities"])},
        rows=[one | {"closing": closing(one["to_close_gap_minutes"], held)} for one in rows],
        held=held,
        elapsed=elapsed(project, day),
        chart=attainment_chart(rows),
        lead=lambda path, code=None: leads(unit.role, Question(first, day, code))(path),
    )


async def _as_of(unit: Unit, at: str, asked: date | None) -> tuple[date, dict[str, Any]]:
    today = local_day(unit.clock.now())
    if unit.role is Role.EVALUATOR:
        day = month_to_release(asked, None, today)
        return day, await released_cofinancing(unit, at, day, today)
    return asked or today, await cofinancing(unit, at, asked, today)


def _of_project(municipalities: list[dict[str, Any]]) -> dict[str, float | None]:
    """The band of the whole project: what the municipalities' ends come to of all that is promised."""
    told = [one for one in municipalities if one["forecast"]["at_end"] is not None]
    promised = sum(one["commitment_minutes"] for one in told)
    if not promised or len(told) < len(municipalities):
        return dict.fromkeys(("at_end", "low", "high"))
    return {
        name: _weighted([(one["forecast"][name], one["commitment_minutes"]) for one in told], promised)
        for name in ("at_end", "low", "high")
    }


def _weighted(shares: list[tuple[float, int]], promised: int) -> float | None:
    minutes = sum((Fraction(str(part)) * weight for part, weight in shares), Fraction(0))
    return share(minutes.numerator, minutes.denominator * promised)
