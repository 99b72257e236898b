"""The page of the rows behind a figure."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.drill.bodies import DrillRowShown, DrillShown
from services.reporting.drill.http import DrillQuestion, Figure
from services.reporting.drill.labels import label
from services.reporting.drill.of_report import drill_report
from services.reporting.drill.queries import occasions_of
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.project import names_known
from services.reporting.reports.bodies import ReportShown
from services.reporting.reports.http import report_content, show_report
from services.reporting.reports.words import Words
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.cursors import Page, Paging
from shared.web.pages import Done, View, page_router
from shared.web.pages.exports import csv_file
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import allow

router = page_router()

ROWS: Final = "/uppfoljning/underlag"
OF_REPORT: Final = "/uppfoljning/rapporter/{report_id}/underlag"
MOST_EXPORTED: Final = 100_000
COLUMNS: Final = tuple(DrillRowShown.model_fields)
SAID_BY_SESSION: Final = ("course", "host_municipality")
"""Columns that the page shows within a session's own."""


@router.get(ROWS)
async def rows(
    asked: Annotated[DrillQuestion, Depends()],
    request: Request,
    page: Paging,
    unit: Unit = allow(Role.COORDINATOR, Role.FUNDER),
) -> View | Done:
    if asked.report is not None:
        return Done(f"{OF_REPORT.format(report_id=asked.report)}?{urlencode({'figure': asked.figure})}")
    return await _rows_page(unit, await asked.answer(unit, request, page), asked.question())


@router.get(f"{ROWS}.csv")
async def download_rows(
    asked: Annotated[DrillQuestion, Depends()], request: Request, unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)
) -> Response:
    return _file(await asked.answer(unit, request, Page(MOST_EXPORTED, None)))


@router.get(OF_REPORT)
async def rows_of_report(
    report_id: UUID,
    figure: Figure,
    request: Request,
    page: Paging,
    unit: Unit = allow(Role.COORDINATOR, Role.FUNDER),
) -> View:
    """The rows that were stored with a frozen report."""
    told = await drill_report(unit, request, report_id, figure, page)
    report = (await show_report(report_id, unit)).value
    days = (await report_content(unit, report_id)).period.days
    return await _rows_page(unit, told, Question(days.first, days.last, report.municipality), report)


@router.get(f"{OF_REPORT}.csv")
async def download_rows_of_report(
    report_id: UUID, figure: Figure, request: Request, unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)
) -> Response:
    return _file(await drill_report(unit, request, report_id, figure, Page(MOST_EXPORTED, None)))


async def _rows_page(unit: Unit, told: DrillShown, question: Question, report: ReportShown | None = None) -> View:
    at, words = await counting(unit), Words(LANGUAGE.get())
    names = await names_known(unit, at)
    known = await occasions_of(unit, at, (one.session_id for one in told.items if one.session_id))
    columns = _columns(told)
    return View(
        "drill/rows.html",
        label=label(told.figure, names, words),
        question=question,
        report=report,
        told=told,
        columns=[one for one in columns if one not in SAID_BY_SESSION or "session_id" not in columns],
        sessions={one.session_id: one for one in known},
        occasions={(one.session_id, one.occasion_id): one for one in known},
        names=names,
        words=words,
    )


def _file(told: DrillShown) -> Response:
    columns = _columns(told)
    return csv_file("underlag", columns, ([str(getattr(one, name) or "") for name in columns] for one in told.items))


def _columns(told: DrillShown) -> list[str]:
    """What these rows have, of all that rows may have."""
    had = {name for one in told.items for name in one.model_fields_set}
    return [name for name in COLUMNS if name in had]
