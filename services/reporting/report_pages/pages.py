"""Reports to read, and what one of them is: its files, its check against its rows, what changed since another."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import File, Query, UploadFile
from starlette.requests import Request

from services.reporting.days import Period
from services.reporting.drill.measures import leads_to_rows
from services.reporting.figure_pages.reading import READERS_OF_ROWS
from services.reporting.figures.asking import counting
from services.reporting.figures.project import names_known, project_period
from services.reporting.report_pages.own_figures import own_sections
from services.reporting.report_pages.queries import holders_of, versions_of
from services.reporting.reports.bodies import ReportShown
from services.reporting.reports.content import sha256
from services.reporting.reports.http import (
    MEDIA_TYPES,
    READERS,
    WHOLE,
    list_reports,
    readable_by,
    report_changes,
    report_content,
    show_report,
    verify_report,
)
from services.reporting.reports.kinds.register import KINDS
from services.reporting.reports.periods import PROJECT, period_of
from shared.database.unit_of_work import Unit
from shared.imports.reader import sent_file
from shared.web.cursors import Paging
from shared.web.pages import Done, View, page_router
from shared.web.routing import allow, beforehand

router = page_router()

LIST: Final = "/uppfoljning/rapporter"
ONE: Final = f"{LIST}/{{report_id}}"
A_FILE: Final = "/uppfoljning/kontrollera-fil"
FORMATS: Final = tuple(MEDIA_TYPES)


async def digest_of(request: Request) -> str:
    """The SHA-256 of the file of a form, which nobody keeps. Raises 422 without one."""
    return sha256(await sent_file(request))


@router.get(LIST)
async def reports(page: Paging, unit: Unit = allow(*READERS)) -> View:
    listed = await list_reports(page, unit)
    names = await names_known(unit, await counting(unit))
    return View("report_pages/list.html", reports=listed.items, next=listed.next, names=names)


@router.get(A_FILE)
async def choose_file(
    digest: Annotated[str | None, Query(alias="sha256", pattern="^[0-9a-f]{64}$")] = None,
    unit: Unit = allow(*READERS),
) -> View:
    """The file to check, or what was found out about one."""
    found = await holders_of(unit, digest, readable_by(unit)) if digest else []
    names = await names_known(unit, await counting(unit))
    return View("report_pages/file.html", digest=digest, found=found, names=names)


@router.post(A_FILE)
async def check_file(
    file: Annotated[UploadFile, File()], digest: str = beforehand(digest_of), unit: Unit = allow(*READERS)
) -> Done:
    return Done(f"{A_FILE}?sha256={digest}")


@router.get(ONE)
async def one_report(report_id: UUID, unit: Unit = allow(*READERS)) -> View:
    """Its state while it is made; once frozen its files and what can be done with it."""
    report, at = (await show_report(report_id, unit)).value, await counting(unit)
    figures = _figures_of(report, await project_period(unit, at))
    names = await names_known(unit, at)
    return View("report_pages/one.html", report=report, formats=FORMATS, figures=figures, names=names)


@router.get(f"{ONE}/siffror")
async def own_figures(report_id: UUID, unit: Unit = allow(*READERS)) -> View:
    """Every figure that was frozen; to who may see them each leads to its rows."""
    content = await report_content(unit, report_id)
    rows = unit.role in READERS_OF_ROWS and not KINDS[content.order.kind].released
    return View(
        "report_pages/figures.html",
        report=content.order,
        sections=own_sections(content),
        lead=partial(_own_rows, report_id) if rows else lambda path: "",
        leads_anywhere=rows,
        names=content.names,
    )


@router.get(f"{ONE}/kontroll")
async def check(report_id: UUID, request: Request, unit: Unit = allow(*READERS)) -> View:
    verdict = await verify_report(report_id, request, unit)
    report = (await show_report(report_id, unit)).value
    names = await names_known(unit, await counting(unit))
    return View("report_pages/verdict.html", report=report, verdict=verdict, names=names)


@router.get(f"{ONE}/andringar")
async def changes(report_id: UUID, request: Request, since: UUID | None = None, unit: Unit = allow(*WHOLE)) -> View:
    report = (await show_report(report_id, unit)).value
    versions = await versions_of(unit, report, readable_by(unit))
    since = since or report.supersedes or next((one.id for one in versions), None)
    found = await report_changes(report_id, request, since, unit) if since else None
    names = await names_known(unit, await counting(unit))
    return View("report_pages/changes.html", report=report, versions=versions, since=since, found=found, names=names)


def _own_rows(report_id: UUID, path: str) -> str:
    return f"{LIST}/{report_id}/underlag?{urlencode({'figure': path})}" if leads_to_rows(path) else ""


def _figures_of(report: ReportShown, project: Period | None) -> str:
    """The page of today's figures of the same period, whose numbers lead to their rows."""
    if report.period == PROJECT and project is None:
        return ""
    days = period_of(report.period, project).days
    asked = {"from": days.first, "to": days.last, "municipality": report.municipality}
    return f"/uppfoljning/siffror?{urlencode({name: value for name, value in asked.items() if value})}"
