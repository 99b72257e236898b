"""Ordering a report in steps, and ordering it anew when something was corrected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

from fastapi import Query
from starlette.requests import Request

from services.reporting.days import Period
from services.reporting.figures.asking import counting
from services.reporting.figures.project import names_known, project_period
from services.reporting.order_pages.bodies import RestateBody
from services.reporting.reports.bodies import Kind, ReportBody
from services.reporting.reports.forms import form_of
from services.reporting.reports.http import show_report
from services.reporting.reports.order_report import order_report
from services.reporting.reports.periods import PROJECT, months_between, period_of
from services.reporting.reports.sections.reading import period_words
from services.reporting.reports.try_statistics_file import try_statistics_file
from services.reporting.reports.words import Words
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.sorting import swedish_order
from shared.web.pages import Done, View, _, page_router
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import allow

router = page_router()

LIST: Final = "/uppfoljning/rapporter"
NEW: Final = f"{LIST}/ny"
KINDS: Final = get_args(Kind)
Written = Annotated[str, Query(pattern=r"^(project|20\d\d(Q[1-4]|-\d\d)?)$")]


@router.get(NEW)
async def choose_kind(unit: Unit = allow(Role.COORDINATOR)) -> View:
    """Step 1."""
    return View("order_pages/kind.html", kinds=KINDS)


@router.get(f"{NEW}/period")
async def choose_period(kind: Kind, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """Step 2."""
    at = await counting(unit)
    names, project = await names_known(unit, at), await project_period(unit, at)
    return View(
        "order_pages/period.html",
        kind=kind,
        periods=list(periods(project, local_day(unit.recorded_at))),
        municipalities=sorted(names["municipalities"].items(), key=lambda one: swedish_order(one[1])),
    )


@router.get(f"{NEW}/kontrollera")
async def check_order(
    kind: Kind,
    period: Written,
    language: Literal["sv", "en"] = "sv",
    municipality: Annotated[str | None, Query(pattern="^[0-9]{4}$")] = None,
    unit: Unit = allow(Role.COORDINATOR),
) -> View:
    """Step 3."""
    at, today = await counting(unit), local_day(unit.recorded_at)
    names, project = await names_known(unit, at), await project_period(unit, at)
    known = dict(periods(project, today))
    return View(
        "order_pages/check.html",
        texts=form_of(kind),
        order=ReportBody(kind=kind, period=period, municipality=municipality, language=language),
        period=known.get(period, period),
        under_way=project is not None and period_of(period, project).last >= today,
        names=names,
    )


@router.get(f"{NEW}/statistikfil")
async def lacking(period: Written, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """What the statistics file of a period would lack by now."""
    order = ReportBody(kind="statistics-file", period=period)
    return View("order_pages/missing.html", found=await try_statistics_file(unit, order, request.app.state.workshop))


@router.post(f"{NEW}/kontrollera")
async def order(body: ReportBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    report_id = await order_report(unit, body)
    return Done(f"{LIST}/{report_id}", _("The report is ordered. It is being made now."))


@router.get(f"{LIST}/{{report_id}}/ny-version")
async def choose_to_restate(report_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """What a new version means, and its texts."""
    report = (await show_report(report_id, unit)).value
    names = await names_known(unit, await counting(unit))
    return View("order_pages/restate.html", report=report, texts=form_of(report.kind), names=names)


@router.post(f"{LIST}/{{report_id}}/ny-version")
async def restate(report_id: UUID, body: RestateBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    report = (await show_report(report_id, unit)).value
    new_id = await order_report(unit, body.order_after(report))
    return Done(f"{LIST}/{new_id}", _("The new version is ordered. It is being made now."))


def periods(project: Period | None, today: date) -> Iterator[tuple[str, str]]:
    """What a report may be about, each with its words: the project, its years, quarters and months that have begun."""
    if project is None:
        return
    words = Words(LANGUAGE.get())
    months = [one.written for one in months_between(project.first, min(today, project.last))][::-1]
    years = dict.fromkeys(written[:4] for written in months)
    quarters = dict.fromkeys(f"{written[:4]}Q{(int(written[5:]) + 2) // 3}" for written in months)
    for written in (PROJECT, *years, *quarters, *months):
        text = period_words(period_of(written, project), words)
        yield written, text[:1].upper() + text[1:]
