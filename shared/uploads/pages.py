"""Uploading a file in four pages: the file, its columns, what would become of each row, done. Nothing is written before
the third one's button.
"""

import io
from collections.abc import Sequence
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


def _cipher(request: Request) -> Cipher:
    cipher: Cipher | None = request.app.state.upload_cipher
    assert cipher is not None, "without keys nobody signs in"
    return cipher


def _base(request: Request) -> str:
    """The address of the first page."""
    before, file, _ = str(request.scope["path"]).partition("/fil")
    return before + file


TheCipher = Annotated[Cipher, Depends(_cipher)]
Base = Annotated[str, Depends(_base)]


def upload_router(address: str, find: Find, *roles: Role) -> APIRouter:
    """The pages of uploads that begin at an address, which ends in `/fil`; `find` says by its parameters which kind."""

    def kind_of(request: Request) -> FileKind:
        return find(request.path_params)

    router = page_router()
    for pages in (_file, _columns, _check, _end):
        pages(router, address, Depends(kind_of), roles)
    return router


def _file(router: APIRouter, address: str, the_kind: Any, roles: Sequence[Role]) -> None:
    """Step 1."""

    @router.get(address)
    async def choose_file(base: Base, kind: FileKind = the_kind, unit: Unit = allow(*roles)) -> View:
        return View("uploads/file.html", kind=kind, base=base, fields=kind.of(unit), needed=kind.missing(unit, ()))

    @router.post(address)
    async def send_file(
        base: Base,
        file: Annotated[UploadFile, File()],
        cipher: TheCipher,
        kind: FileKind = the_kind,
        sent: Sent = beforehand(look),
        unit: Unit = allow(*roles),
    ) -> Done:
        return Done(f"{base}/{await keep(unit, cipher, kind, sent)}/kolumner")

    @router.get(f"{address}/mall.xlsx")
    async def empty_file(kind: FileKind = the_kind, unit: Unit = allow(*roles)) -> Response:
        names = [field.sv if LANGUAGE.get() == "sv" else field.en for field in kind.of(unit)]
        return file_answer(f"mall-{kind.name}.xlsx", _empty_workbook(names))


def _columns(router: APIRouter, address: str, the_kind: Any, roles: Sequence[Role]) -> None:
    """Step 2: which column is which."""

    @router.get(f"{address}/{{upload_id}}/kolumner")
    async def columns(
        base: Base, upload_id: UUID, cipher: TheCipher, kind: FileKind = the_kind, unit: Unit = allow(*roles)
    ) -> View:
        kept = await queries.upload(unit, cipher, kind, upload_id)
        names = [name for name, _ in kept.peek.columns]
        before = await queries.remembered(unit, kind)
        return View(
            "uploads/columns.html",
            base=base,
            peek=kept.peek,
            guessed=guess(names, kind.fields, before),
            remembered=bool(before.keys() & set(names)),
            fields=kind.of(unit),
            needed=kind.missing(unit, ()),
        )

    @router.post(f"{address}/{{upload_id}}/kolumner")
    async def name_columns(
        base: Base,
        upload_id: UUID,
        body: ColumnsBody,
        cipher: TheCipher,
        kind: FileKind = the_kind,
        unit: Unit = allow(*roles),
    ) -> Done:
        await check(unit, cipher, kind, upload_id, body.columns)
        return Done(f"{base}/{upload_id}/kontroll")


def _check(router: APIRouter, address: str, the_kind: Any, roles: Sequence[Role]) -> None:
    """Step 3: how far the check is, then what would become of the rows."""

    @router.get(f"{address}/{{upload_id}}/kontroll")
    async def checked(
        base: Base, upload_id: UUID, cipher: TheCipher, kind: FileKind = the_kind, unit: Unit = allow(*roles)
    ) -> View | Done:
        kept = await queries.upload(unit, cipher, kind, upload_id)
        if kept.job is None:
            return Done(f"{base}/{upload_id}/kolumner")
        return View(
            "uploads/check.html",
            kind=kind,
            base=base,
            kept=kept,
            new=sum(kept.report["totals"][name] for name in kind.texts.new) if kept.report else 0,
            most=MOST_SHOWN,
            address=f"{base}/{upload_id}",
        )

    @router.post(f"{address}/{{upload_id}}/kontroll")
    async def take_in(
        base: Base, upload_id: UUID, cipher: TheCipher, kind: FileKind = the_kind, unit: Unit = allow(*roles)
    ) -> Done:
        await confirm(unit, cipher, kind, upload_id)
        return Done(f"{base}/{upload_id}/klart")


def _end(router: APIRouter, address: str, the_kind: Any, roles: Sequence[Role]) -> None:
    """Step 4. What has changed so much since the check that a row is wrong now leads back to it."""

    @router.get(f"{address}/{{upload_id}}/klart")
    async def done(
        base: Base, upload_id: UUID, cipher: TheCipher, kind: FileKind = the_kind, unit: Unit = allow(*roles)
    ) -> View | Done:
        kept = await queries.upload(unit, cipher, kind, upload_id)
        if not kept.confirmed:
            return Done(f"{base}/{upload_id}/kontroll")
        return View("uploads/done.html", kind=kind, base=base, kept=kept, address=f"{base}/{upload_id}")

    @router.get(f"{address}/{{upload_id}}/fel")
    async def file_with_errors(
        base: Base,
        upload_id: UUID,
        cipher: TheCipher,
        request: Request,
        kind: FileKind = the_kind,
        unit: Unit = allow(*roles),
    ) -> Response | Done:
        """The file as it came, with a column that says what is wrong with each row."""
        kept = await queries.upload(unit, cipher, kind, upload_id)
        if kept.report is None:
            return Done(f"{base}/{upload_id}/kontroll")
        content, head = queries.content(cipher, kept.row), HEADS[LANGUAGE.get()]
        marked = await reader_of(request).marked(content, head, texts_by_row(kept.report))
        return file_answer(f"{kind.name}-{head}.{'xlsx' if content.startswith(ZIP_MAGIC) else 'csv'}", marked)


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
