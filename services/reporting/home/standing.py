"""Where the project stands: hours against promises, the time that has passed, and the running year's figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.reporting.days import Period
from services.reporting.figures.asking import Question
from services.reporting.figures.cofinancing import cofinancing, released_cofinancing
from services.reporting.figures.figures import figures, released_figures
from services.reporting.figures.http import month_to_release
from services.reporting.reports.charts import Chart, bars
from services.reporting.reports.formatting import Unit as Measure
from services.reporting.reports.words import Words
from services.reporting.shares import share
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.pages.languages import LANGUAGE


async def hours_as_of(unit: Unit, at: str, today: date) -> tuple[date, dict[str, Any]]:
    """The table of co-financing, and its day: to an evaluator the last month's end."""
    if unit.role is Role.EVALUATOR:
        day = month_to_release(None, None, today)
        return day, await released_cofinancing(unit, at, day, today)
    return today, await cofinancing(unit, at, None, today)


async def year_to(unit: Unit, at: str, day: date) -> dict[str, Any]:
    """The figures of the year until this day."""
    question = Question(day.replace(month=1, day=1), day)
    return await (released_figures if unit.role is Role.EVALUATOR else figures)(unit, at, question)


def elapsed(project: Period | None, day: date) -> float | None:
    """The share of the project's days that has passed."""
    if project is None:
        return None
    days = (min(max(day, project.first), project.last) - project.first).days + 1
    return share(days, (project.last - project.first).days + 1)


def attainment_chart(municipalities: Sequence[dict[str, Any]]) -> Chart | None:
    """Each municipality's share of its promise, as bars; the table beside it says the same."""
    words = Words(LANGUAGE.get())
    values = [
        (one["name"], None if one["attainment"] is None else Decimal(str(one["attainment"]))) for one in municipalities
    ]
    title = words("attainment_chart")

    def alt(**named: str) -> str:
        return words("attainment_alt", **named)

    made = bars("attainment", title, words.language, Measure.SHARE, values, alt=alt)
    return made[0] if len(values) > 1 and made else None
