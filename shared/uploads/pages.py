"""Uploading a file in four pages: the file, its columns, what would become of each row, done. Nothing is written before
the third one's button.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

import openpyxl
from fastapi import APIRouter, Depends, File, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from shared.imports.reader import reader_of
from shared.imports.reading import ZIP_MAGIC
from shared.security.cipher import Cipher
from shared.security.roles import Role
from shared.uploads import queries
from shared.uploads.bodies import ColumnsBody
from shared.uploads.check import check, confirm
from shared.uploads.keep import Sent, keep, look
from shared.uploads.kinds import FileKind, Find
from shared.uploads.report import HEADS, texts_by_row
from shared.uploads.rules import guess
from shared.web.pages import Done, View, page_router
from shared.web.pages.exports import file_answer
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import Unit, allow, beforehand

MOST_SHOWN: Final = 200


@dataclass(frozen=True)
class Here:
    """Where an upload is: its kind, and the address of the first page."""

    kind: FileKind
    base: str
    cipher: Cipher


def upload_router(address: str, find: Find, *roles: Role) -> APIRouter:
    """The pages of uploads that begin at an address, which ends in `/fil`; `find` says by its parameters which kind."""

    def here(request: Request) -> Here:
        cipher: Cipher | None = request.app.state.upload_cipher
        assert cipher is not None, "without keys nobody signs in"
        before, file, _ = str(request.scope["path"]).partition("/fil")
        return Here(find(request.path_params), before + file, cipher)

    router = page_router()
    for pages in (_file, _columns, _check, _end):
        pages(router, address, Depends(here), roles)
    return router


def _file(router: APIRouter, address: str, where: Any, roles: Sequence[Role]) -> None:
    """Step 1."""

    @router.get(address)
    async def choose_file(here: Here = where, unit: Unit = allow(*roles)) -> View:
        fields, needed = here.kind.of(unit), here.kind.missing(unit, ())
        return View("uploads/file.html", kind=here.kind, base=here.base, fields=fields, needed=needed)

    @router.post(address)
    async def send_file(
        file: Annotated[UploadFile, File()],
        here: Here = where,
        sent: Sent = beforehand(look),
        unit: Unit = allow(*roles),
    ) -> Done:
        return Done(f"{here.base}/{await keep(unit, here.cipher, here.kind, sent)}/kolumner")

    @router.get(f"{address}/mall.xlsx")
    async def empty_file(here: Here = where, unit: Unit = allow(*roles)) -> Response:
        names = [field.sv if LANGUAGE.get() == "sv" else field.en for field in here.kind.of(unit)]
        return file_answer(f"mall-{here.kind.name}.xlsx", _empty_workbook(names))


def _columns(router: APIRouter, address: str, where: Any, roles: Sequence[Role]) -> None:
    """Step 2: which column is which."""

    @router.get(f"{address}/{{upload_id}}/kolumner")
    async def columns(upload_id: UUID, here: Here = where, unit: Unit = allow(*roles)) -> View:
        kept = await queries.upload(unit, here.cipher, here.kind, upload_id)
        names = kept.peek.names
        before = await queries.remembered(unit, here.kind)
        return View(
            "uploads/columns.html",
            base=here.base,
            peek=kept.peek,
            guessed=guess(names, here.kind.fields, before),
            remembered=bool(before.keys() & set(names)),
            fields=here.kind.of(unit),
            needed=here.kind.missing(unit, ()),
        )

    @router.post(f"{address}/{{upload_id}}/kolumner")
    async def name_columns(upload_id: UUID, body: ColumnsBody, here: Here = where, unit: Unit = allow(*roles)) -> Done:
        await check(unit, here.cipher, here.kind, upload_id, body.columns)
        return Done(f"{here.base}/{upload_id}/kontroll")


def _check(router: APIRouter, address: str, where: Any, roles: Sequence[Role]) -> None:
    """Step 3: how far the check is, then what would become of the rows."""

    @router.get(f"{address}/{{upload_id}}/kontroll")
    async def checked(upload_id: UUID, here: Here = where, unit: Unit = allow(*roles)) -> View | Done:
        kept = await queries.upload(unit, here.cipher, here.kind, upload_id)
        if kept.job is None:
            return Done(f"{here.base}/{upload_id}/kolumner")
        new = sum(kept.report["totals"][name] for name in here.kind.texts.new) if kept.report else 0
        return _of_job("uploads/check.html", here, upload_id, kept, new=new, most=MOST_SHOWN)

    @router.post(f"{address}/{{upload_id}}/kontroll")
    async def take_in(upload_id: UUID, here: Here = where, unit: Unit = allow(*roles)) -> Done:
        await confirm(unit, here.cipher, here.kind, upload_id)
        return Done(f"{here.base}/{upload_id}/klart")


def _end(router: APIRouter, address: str, where: Any, roles: Sequence[Role]) -> None:
    """Step 4. What has changed so much since the check that a row is wrong now leads back to it."""

    @router.get(f"{address}/{{upload_id}}/klart")
    async def done(upload_id: UUID, here: Here = where, unit: Unit = allow(*roles)) -> View | Done:
        kept = await queries.upload(unit, here.cipher, here.kind, upload_id)
        if not kept.confirmed:
            return Done(f"{here.base}/{upload_id}/kontroll")
        return _of_job("uploads/done.html", here, upload_id, kept)

    @router.get(f"{address}/{{upload_id}}/fel")
    async def file_with_errors(
        upload_id: UUID, request: Request, here: Here = where, unit: Unit = allow(*roles)
    ) -> Response | Done:
        """The file as it came, with a column that says what is wrong with each row."""
        kept = await queries.upload(unit, here.cipher, here.kind, upload_id)
        if kept.report is None:
            return Done(f"{here.base}/{upload_id}/kontroll")
        content, head = queries.content(here.cipher, kept.row), HEADS[LANGUAGE.get()]
        marked = await reader_of(request).marked(content, head, texts_by_row(kept.report))
        return file_answer(f"{here.kind.name}-{head}.{'xlsx' if content.startswith(ZIP_MAGIC) else 'csv'}", marked)


def _of_job(template: str, here: Here, upload_id: UUID, kept: queries.Kept, **more: Any) -> View:
    return View(template, kind=here.kind, base=here.base, kept=kept, address=f"{here.base}/{upload_id}", **more)


def _empty_workbook(names: list[str]) -> bytes:
    """A workbook with the names of the columns, whose cells are texts: numbers would lose their zeros."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for place, name in enumerate(names, start=1):
        cell = sheet.cell(1, place, name)
        sheet.column_dimensions[cell.column_letter].number_format = "@"
        sheet.column_dimensions[cell.column_letter].width = max(12, len(name) + 4)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()
