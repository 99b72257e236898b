"""Uploading a file in four pages: the file, its columns, what would become of each row, done. Nothing is written before
the third one's button.
"""

import io
from typing import Annotated
from uuid import UUID

import openpyxl
from fastapi import File, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.booking.staff.vault import TheVault
from services.booking.uploads import queries
from services.booking.uploads.bodies import ColumnsBody
from services.booking.uploads.check import check, confirm
from services.booking.uploads.keep import Sent, keep, look
from services.booking.uploads.kinds import KINDS, FileKind, What
from services.booking.uploads.report import HEADS, texts_by_row
from services.booking.uploads.rules import guess
from shared.imports.reader import reader_of
from shared.imports.reading import ZIP_MAGIC
from shared.web.pages import Done, View, page_router
from shared.web.pages.exports import file_answer
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import Role, Unit, allow, beforehand

router = page_router()

FILE = "/boka/{what}/fil"
ONE = f"{FILE}/{{upload_id}}"
MOST_SHOWN = 200


@router.get(FILE)
async def choose_file(what: What, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """Step 1."""
    return View("uploads/file.html", what=what, needed=_needed(unit, KINDS[what]), fields=KINDS[what].fields)


@router.post(FILE)
async def send_file(
    what: What,
    file: Annotated[UploadFile, File()],
    vault: TheVault,
    sent: Sent = beforehand(look),
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Done:
    return Done(f"/boka/{what}/fil/{await keep(unit, vault, KINDS[what], sent)}/kolumner")


@router.get(f"{FILE}/mall.xlsx")
async def empty_file(what: What, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> Response:
    """A workbook with the names of the columns, whose cells are texts: numbers would lose their zeros."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    fields = [field for field in KINDS[what].fields if unit.municipality is None or field.name != "municipality"]
    for place, field in enumerate(fields, start=1):
        cell = sheet.cell(1, place, field.sv if LANGUAGE.get() == "sv" else field.en)
        sheet.column_dimensions[cell.column_letter].number_format = "@"
        sheet.column_dimensions[cell.column_letter].width = max(12, len(str(cell.value)) + 4)
    content = io.BytesIO()
    workbook.save(content)
    return file_answer(f"mall-{what}.xlsx", content.getvalue())


@router.get(f"{ONE}/kolumner")
async def columns(
    what: What, upload_id: UUID, vault: TheVault, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> View:
    """Step 2: which column is which."""
    kind, kept = KINDS[what], await queries.upload(unit, vault, KINDS[what], upload_id)
    names = [name for name, _ in kept.peek.columns]
    before = await queries.remembered(unit, kind)
    return View(
        "uploads/columns.html",
        what=what,
        peek=kept.peek,
        guessed=guess(names, kind.fields, before),
        remembered=bool(before.keys() & set(names)),
        fields=kind.fields,
        needed=_needed(unit, kind),
    )


@router.post(f"{ONE}/kolumner")
async def name_columns(
    what: What,
    upload_id: UUID,
    body: ColumnsBody,
    vault: TheVault,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Done:
    await check(unit, vault, KINDS[what], upload_id, body.columns)
    return Done(f"/boka/{what}/fil/{upload_id}/kontroll")


@router.get(f"{ONE}/kontroll")
async def checked(
    what: What, upload_id: UUID, vault: TheVault, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> View | Done:
    """Step 3: how far the check is, then what would become of the rows."""
    kept = await queries.upload(unit, vault, KINDS[what], upload_id)
    if kept.job is None:
        return Done(f"/boka/{what}/fil/{upload_id}/kolumner")
    return View("uploads/check.html", what=what, kept=kept, most=MOST_SHOWN, address=f"/boka/{what}/fil/{upload_id}")


@router.post(f"{ONE}/kontroll")
async def take_in(
    what: What, upload_id: UUID, vault: TheVault, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    await confirm(unit, vault, KINDS[what], upload_id)
    return Done(f"/boka/{what}/fil/{upload_id}/klart")


@router.get(f"{ONE}/klart")
async def done(
    what: What, upload_id: UUID, vault: TheVault, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> View | Done:
    """Step 4. What has changed so much since the check that a row is wrong now leads back to it."""
    kept = await queries.upload(unit, vault, KINDS[what], upload_id)
    if not kept.confirmed:
        return Done(f"/boka/{what}/fil/{upload_id}/kontroll")
    return View("uploads/done.html", what=what, kept=kept, address=f"/boka/{what}/fil/{upload_id}")


@router.get(f"{ONE}/fel")
async def file_with_errors(
    what: What,
    upload_id: UUID,
    vault: TheVault,
    request: Request,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Response | Done:
    """The file as it came, with a column that says what is wrong with each row."""
    kept = await queries.upload(unit, vault, KINDS[what], upload_id)
    if kept.report is None:
        return Done(f"/boka/{what}/fil/{upload_id}/kontroll")
    content, head = queries.content(vault, kept.row), HEADS[LANGUAGE.get()]
    marked = await reader_of(request).marked(content, head, texts_by_row(kept.report))
    return file_answer(f"{what}-{head}.{'xlsx' if content.startswith(ZIP_MAGIC) else 'csv'}", marked)


def _needed(unit: Unit, kind: FileKind) -> list[str]:
    """The fields that every row needs."""
    return kind.imports.missing(unit, ())
