"""The page on which the office gets a copy of a frozen report with names."""

from typing import Annotated, Final, Literal

from fastapi import File, Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.booking.named_copies.http import post_named_copy
from services.booking.named_copies.make_named_copy import SentReport, read_report
from services.booking.staff.vault import TheVault
from shared.web.pages import View, page_router
from shared.web.routing import Role, Unit, allow, beforehand

router = page_router()

PAGE: Final = "/boka/namngivna-kopior"


@router.get(PAGE)
async def choose_report(unit: Unit = allow(Role.COORDINATOR)) -> View:
    """Its form has no key: an answer with names is kept nowhere, not even for the same form sent twice."""
    return View("named_copies/file.html")


@router.post(PAGE)
async def make_copy(
    file: Annotated[UploadFile, File()],
    vault: TheVault,
    request: Request,
    format: Annotated[Literal["xlsx", "pdf"], Form()] = "xlsx",  # noqa: A002 # its name in the API
    sent: SentReport = beforehand(read_report),
    unit: Unit = allow(Role.COORDINATOR),
) -> Response:
    return await post_named_copy(file, vault, request, format, sent, unit)
