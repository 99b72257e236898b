"""The start page of follow-up: are we on plan, and can it be trusted? An evaluator reads the same, released."""

from __future__ import annotations

from services.reporting.figures.asking import counting
from services.reporting.figures.pages import worst_first
from services.reporting.figures.project import names_known, project_period
from services.reporting.home.linked_pages import links_of
from services.reporting.home.standing import attainment_chart, elapsed, hours_as_of, year_to
from services.reporting.reports.http import latest_reports
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.pages import View, page_router
from shared.web.routing import allow

router = page_router()


@router.get("/uppfoljning")
async def home(unit: Unit = allow(Role.FUNDER, Role.EVALUATOR, Role.COORDINATOR)) -> View:
    at, today = await counting(unit), local_day(unit.clock.now())
    day, table = await hours_as_of(unit, at, today)
    chart = attainment_chart(table["municipalities"])
    return View(
        "home/start.html",
        released=unit.role is Role.EVALUATOR,
        day=day,
        project=table["project"],
        rows=worst_first(table["municipalities"]),
        chart=chart,
        elapsed=elapsed(await project_period(unit, at), day),
        further=links_of(unit.role),
        figures=await year_to(unit, at, day),
        reports=await latest_reports(unit),
        names=await names_known(unit, at),
    )
