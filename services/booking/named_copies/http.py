"""The call that makes named copies: the project office's alone."""

from typing import Annotated, Literal

from fastapi import File, Query, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.booking.named_copies.make_named_copy import SentReport, make_named_copy, read_report
from services.booking.named_copies.rendering import RENDERERS
from services.booking.staff.vault import TheVault
from shared.imports.reader import reader_of
from shared.web.openapi import problems
from shared.web.routing import Role, Unit, allow, beforehand, service_router

router = service_router(tag="named-copies")
COPIES = {media_type: {"schema": {"type": "string", "format": "binary"}} for _, media_type in RENDERERS.values()}


@router.post(
    "/v1/named-copies",
    summary="A frozen report's rows with names",
    response_class=Response,
    responses={
        200: {"description": "The copy, which is kept nowhere.", "content": COPIES},
        413: problems("file-too-large"),
        422: problems("report-altered", "no-participants"),
    },
)
async def post_named_copy(
    file: Annotated[UploadFile, File(description="The JSON or XLSX of a frozen report, byte for byte.")],
    vault: TheVault,
    request: Request,
    format: Annotated[Literal["xlsx", "pdf"], Query()] = "xlsx",  # noqa: A002 # its name in the API
    sent: SentReport = beforehand(read_report),
    unit: Unit = allow(Role.COORDINATOR),
) -> Response:
    """Names, and for the statistics file personal numbers. Protected people are masked, erased ones marked."""
    copy = await make_named_copy(unit, vault, reader_of(request), sent, format)
    headers = {"Content-Disposition": f'attachment; filename="{copy.name}"', "Cache-Control": "no-store"}
    return Response(copy.content, media_type=copy.media_type, headers=headers)
