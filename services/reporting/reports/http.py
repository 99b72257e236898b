"""Reports over HTTP: ordered by the project office, read by it, the funder, and whom a kind is made for."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Header, Query
from sqlalchemy import ColumnElement, RowMapping, and_
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.recompute.narrow import days_taken
from services.reporting.reports import queries
from services.reporting.reports.bodies import (
    ChangeShown,
    ChangesShown,
    DocumentShown,
    FormShown,
    Kind,
    ReportBody,
    ReportShown,
    StatisticsCheckShown,
    VerdictShown,
)
from services.reporting.reports.changes import Version, compare
from services.reporting.reports.content import Content, content_of
from services.reporting.reports.forms import form_of
from services.reporting.reports.kinds.register import KINDS
from services.reporting.reports.order_report import order_report
from services.reporting.reports.problems import not_frozen
from services.reporting.reports.tables import Report
from services.reporting.reports.try_statistics_file import try_statistics_file
from services.reporting.reports.verify import verify
from services.reporting.reports.words import Words
from shared.database.conditions import among
from shared.web.cursors import Listing, Page, Paging
from shared.web.openapi import AS_YOU_HAVE_IT, problems
from shared.web.problems import FieldError, invalid, not_found
from shared.web.routing import Role, Unit, Versioned, allow, service_router
from shared.workshop import Workshop

router = service_router(tag="reports")

WHOLE: Final = (Role.COORDINATOR, Role.FUNDER)
READERS: Final = (*WHOLE, Role.MUNICIPALITY, Role.EVALUATOR)
LATEST: Final = 10
MEDIA_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
FILE_CONTENT: Final = {
    media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
    for file_format, media_type in MEDIA_TYPES.items()
    if file_format != "json"
}
# The page is our own, but it stands on the API's origin and carries the project office's words: it may load and run
# nothing.
PAGE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


@router.post(
    "/v1/reports",
    status_code=202,
    summary="Order a report",
    responses={
        200: {"model": StatisticsCheckShown, "description": "What the statistics file would lack (`dry_run`)."},
        409: problems("report-failed", "report-not-frozen", "report-superseded"),
        422: problems("period-not-begun", "period-outside-project", "period-too-fine"),
    },
)
async def create_report(
    body: ReportBody,
    request: Request,
    response: Response,
    dry_run: Annotated[bool, Query(description="Of the statistics file: only say what is to fix.")] = False,
    unit: Unit = allow(Role.COORDINATOR),
) -> Versioned[ReportShown | StatisticsCheckShown]:
    """The data cut-off is taken now; the report is built in the background and then frozen."""
    if dry_run:
        response.status_code = 200
        return Versioned(await try_statistics_file(unit, body, _workshop(request)), None)
    report_id = await order_report(unit, body)
    row = await _report(unit, report_id)
    response.headers["Location"] = f"{request.scope.get('root_path', '')}/v1/reports/{report_id}"
    return Versioned(_shown(row), row["revision"])


@router.get("/v1/forms/{kind}", summary="The headings that a report's texts may fill")
async def show_form(kind: Kind, unit: Unit = allow(Role.COORDINATOR)) -> FormShown:
    """In the order in which they stand in the report."""
    return FormShown.model_validate(form_of(kind), from_attributes=True)


@router.get("/v1/reports", summary="Reports, newest first")
async def list_reports(page: Paging, unit: Unit = allow(*READERS)) -> Listing[ReportShown]:
    """All versions of all reports that the caller may read."""
    async with unit.as_system():
        rows = await queries.reports(unit, readable_by(unit), page)
    return page.answer(rows, lambda row: [row["id"]], _shown)


async def latest_reports(unit: Unit) -> list[ReportShown]:
    """The newest that the caller may read."""
    async with unit.as_system():
        rows = await queries.reports(unit, readable_by(unit), Page(LATEST, None))
    return [_shown(row) for row in rows[:LATEST]]


@router.get("/v1/reports/{report_id}", summary="One report")
async def show_report(report_id: UUID, unit: Unit = allow(*READERS)) -> Versioned[ReportShown]:
    """Its state; once frozen, its hash and files."""
    row = await _report(unit, report_id)
    return Versioned(_shown(row), row["revision"])


@router.get(
    "/v1/reports/{report_id}/file.{file_format}",
    summary="A file of a report",
    response_class=Response,
    responses={
        409: problems("report-failed", "report-not-frozen"),
        200: {"description": "The file.", "model": DocumentShown, "content": FILE_CONTENT},
        **AS_YOU_HAVE_IT,
    },
)
async def report_file(
    report_id: UUID,
    file_format: str,
    if_none_match: Annotated[str | None, Header()] = None,
    unit: Unit = allow(*READERS),
) -> Response:
    """html, pdf, xlsx, csv or json: the same bytes every time."""
    row = await _report(unit, report_id)
    if file_format not in MEDIA_TYPES:
        raise not_found(f"Formatet {file_format[:10]}", f"The format {file_format[:10]}")
    async with unit.as_system():
        stored = await queries.file(unit, report_id, file_format)
    if stored is None:
        raise not_frozen(row)
    tag = f'"{stored["sha256"]}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=31536000, immutable"}
    if if_none_match and tag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(
        stored["content"], media_type=MEDIA_TYPES[file_format], headers=headers | _presented(row, file_format)
    )


@router.get(
    "/v1/reports/{report_id}/verify",
    summary="Check a report against its stored rows",
    responses={409: problems("report-failed", "report-not-frozen")},
)
async def verify_report(report_id: UUID, request: Request, unit: Unit = allow(*READERS)) -> VerdictShown:
    """Figures are computed again from the stored input rows, hashes from what is stored."""
    await frozen_report(unit, report_id)
    async with unit.as_system():
        document, rows = await queries.document(unit, report_id), await queries.rows(unit, report_id)
        digests = await queries.digests(unit, report_id)
    found = await _workshop(request).run(verify, document, rows, digests)
    return VerdictShown(reconciles=found.reconciles, hash_matches=found.hash_matches, problems=found.problems)


@router.get(
    "/v1/reports/{report_id}/changes",
    summary="What changed since another version, and which months to send again",
    responses={409: problems("report-failed", "report-not-frozen")},
)
async def report_changes(
    report_id: UUID,
    request: Request,
    since: Annotated[UUID | None, Query(description="The other report; by default the one this supersedes.")] = None,
    unit: Unit = allow(*WHOLE),
) -> ChangesShown:
    """Every figure that differs, with the events that it comes from."""
    new = await frozen_report(unit, report_id)
    other = since or new["supersedes"]
    if other is None:
        raise invalid(
            FieldError(
                "/query/since",
                "missing",
                "Ange vilken rapport den ska jämföras med.",
                "Say which report to compare with.",
            )
        )
    old = await frozen_report(unit, other)
    if _subject(old) != _subject(new):
        raise invalid(
            FieldError(
                "/query/since",
                "other-report",
                "Jämför rapporter av samma sort, period och kommun.",
                "Compare reports of the same kind, period and municipality.",
            )
        )
    now = await _version(unit, report_id)
    found = await _workshop(request).run(compare, await _version(unit, other), now)
    days = days_taken(now.content.period.days)
    elsewhere = await queries.recorded_between(unit, old, new, days) if found.elsewhere else []
    explained = found.explained(await queries.taken_away(unit, found.gone), elsewhere)
    shown = [ChangeShown(figure=one.figure, old=one.old, new=one.new, cause=one.cause) for one in explained]
    return ChangesShown(changes=shown, resend=found.resend)


def readable_by(unit: Unit) -> ColumnElement[bool]:
    """Which reports a caller may read; the others do not exist for it. Registers of persons stay in the office."""
    if unit.role is Role.COORDINATOR:
        return queries.EVERY_REPORT
    theirs = among(col(Report.kind), [one.name for one in KINDS.values() if unit.role in one.readers])
    if unit.role is Role.MUNICIPALITY:
        return and_(theirs, col(Report.municipality) == unit.municipality)
    return theirs


async def _report(unit: Unit, report_id: UUID) -> RowMapping:
    async with unit.as_system():
        row = await queries.report(unit, report_id, readable_by(unit))
    if row is None:
        raise not_found("Rapporten", "The report")
    return row


async def frozen_report(unit: Unit, report_id: UUID) -> RowMapping:
    """A frozen report that the caller may read. Raises 404, or 409 when it is not finished."""
    row = await _report(unit, report_id)
    if row["state"] != "frozen":
        raise not_frozen(row)
    return row


async def report_content(unit: Unit, report_id: UUID) -> Content:
    """What a report says that the caller may read. Raises 404, or 409 when it is not finished."""
    await frozen_report(unit, report_id)
    async with unit.as_system():
        return content_of(await queries.document(unit, report_id))


async def _version(unit: Unit, report_id: UUID) -> Version:
    return Version(content_of(await queries.document(unit, report_id)), await queries.rows(unit, report_id))


def _subject(row: RowMapping) -> tuple[str, str, str | None]:
    return row["kind"], row["period"], row["municipality"]


def _shown(row: RowMapping) -> ReportShown:
    return ReportShown.model_validate(dict(row))


def _presented(row: RowMapping, file_format: str) -> dict[str, str]:
    """How a browser treats the file: a page and a PDF are shown, the others saved, each under a telling name."""
    word = (
        Words(row["language"])(f"kind.{row['kind']}").lower().replace(" ", "-").translate(str.maketrans("åäö", "aao"))
    )
    parts = (word, row["period"], row["municipality"], f"v{row['version']}")
    name = "-".join(part for part in parts if part)
    shown = "inline" if file_format in ("html", "pdf") else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="{name}.{file_format}"', "X-Content-Type-Options": "nosniff"}
    return headers | ({"Content-Security-Policy": PAGE_POLICY} if file_format == "html" else {})


def _workshop(request: Request) -> Workshop:
    workshop: Workshop = request.app.state.workshop
    return workshop
