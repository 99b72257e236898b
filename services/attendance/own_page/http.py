"""The calls of a participant's own page: who has the link may use them, and nobody needs to sign in."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.attendance.certificates.http import A_PDF, as_pdf
from services.attendance.certificates.issue import issue_certificate
from services.attendance.links.admission import by_own_link, holder
from services.attendance.own_page.bodies import CodeSentShown, OwnMonthShown, OwnPageShown, SignBody
from services.attendance.own_page.codes import Attempt, attempted, send_code
from services.attendance.own_page.print_month import print_month
from services.attendance.own_page.queries import own_page
from services.attendance.own_page.sign import sign
from services.attendance.sheets.sheet import Language
from services.attendance.signatures.enter import REFUSED
from shared.contracts.types import Month
from shared.web.fields import Named
from shared.web.openapi import problems
from shared.web.routing import Unit, allow, beforehand, service_router

router = service_router(tag="own page")
GONE: dict[int | str, dict[str, Any]] = {404: problems("not-found"), 410: problems("link-expired")}


@router.get("/v1/my/{token}", responses=GONE)
async def show_own_page(token: Named, unit: Unit = allow(by=by_own_link)) -> OwnPageShown:
    """The holder's own sessions, and the hours of each month."""
    async with unit.as_system():
        return await own_page(unit, holder(unit))


@router.post(
    "/v1/my/{token}/code",
    status_code=202,
    responses={**GONE, 409: problems("no-address"), 429: problems("too-many-codes")},
)
async def post_code(token: Named, request: Request, unit: Unit = allow(by=by_own_link)) -> CodeSentShown:
    """Mails a one-time code of six digits, good for ten minutes. An older one is good no longer."""
    async with unit.as_system():
        return CodeSentShown(expires_at=await send_code(unit, request.app.state.mailing, holder(unit)))


@router.post(
    "/v1/my/{token}/sign",
    responses={**GONE, 409: problems(*REFUSED, "signing-window-over"), 429: problems("code-burned")},
)
async def post_signature(
    token: Named, body: SignBody, attempt: Attempt = beforehand(attempted), unit: Unit = allow(by=by_own_link)
) -> OwnMonthShown:
    """Signs a month, as its `document_hash` showed it."""
    return await sign(unit, holder(unit), body, attempt)


@router.get(
    "/v1/my/{token}/certificates/{session_id}.pdf",
    response_class=Response,
    responses={**A_PDF, **GONE, 409: problems("hours-not-signed")},
)
async def show_own_certificate(
    token: Named,
    session_id: UUID,
    request: Request,
    language: Language = "sv",
    unit: Unit = allow(by=by_own_link),
) -> Response:
    """The holder's own certificate of a session, as PDF."""
    state, own = request.app.state, holder(unit).participant_id
    pdf = await issue_certificate(unit, state.workshop, state.settings.site, own, session_id, language)
    return as_pdf(pdf, f"intyg-{session_id}.pdf")


@router.get("/v1/my/{token}/months/{month}.pdf", response_class=Response, responses={**A_PDF, **GONE})
async def show_own_document(
    token: Named, month: Month, request: Request, language: Language = "sv", unit: Unit = allow(by=by_own_link)
) -> Response:
    """What is signed of a month, or waits for it, as a document to keep: with its hash, and lines to sign on paper."""
    pdf = await print_month(unit, request.app.state.workshop, holder(unit), month, language)
    return as_pdf(pdf, f"timmar-{month}.pdf")
