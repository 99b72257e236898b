"""The calls about certificates."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.attendance.certificates.bodies import KnownShown
from services.attendance.certificates.issue import issue_certificate
from services.attendance.certificates.verify import is_known
from services.attendance.fields import Digest
from services.attendance.sheets.sheet import Language
from shared.web.admission import anybody
from shared.web.openapi import problems
from shared.web.routing import ANY, Role, Unit, allow, service_router

router = service_router(tag="certificates")
A_PDF: Final[Mapping[int | str, dict[str, Any]]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/v1/certificates/verify")
async def verify_certificate(hash: Digest, unit: Unit = allow(*ANY, by=anybody)) -> KnownShown:  # noqa: A002 # its name
    """Whether a certificate with this hash is genuine; nobody needs to sign in."""
    return KnownShown(known=await is_known(unit, hash))


@router.get(
    "/v1/certificates/{participant_id}/{session_id}.pdf",
    response_class=Response,
    responses={**A_PDF, 404: problems("not-found"), 409: problems("hours-not-signed")},
)
async def show_certificate(
    participant_id: UUID,
    session_id: UUID,
    request: Request,
    language: Language = "sv",
    unit: Unit = allow(Role.COORDINATOR, Role.FUNDER, Role.MUNICIPALITY),
) -> Response:
    """A participant's certificate of one session, as PDF. A municipality gets those of whom it registered."""
    state = request.app.state
    pdf = await issue_certificate(unit, state.workshop, state.settings.site, participant_id, session_id, language)
    return as_pdf(pdf, f"intyg-{session_id}.pdf")


def as_pdf(content: bytes, name: str) -> Response:
    shown = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=shown)
