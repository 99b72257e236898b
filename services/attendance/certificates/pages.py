"""The page that says whether a certificate is genuine, and the one where a manager fetches certificates."""

from datetime import date
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.attendance.certificates.http import show_certificate
from services.attendance.certificates.issue import PAGE
from services.attendance.certificates.queries import certified
from services.attendance.certificates.verify import is_known
from services.attendance.sheets.sheet import Language
from services.attendance.signatures.ask import next_month
from shared.clock import local_day
from shared.contracts.types import Month
from shared.web.admission import anybody
from shared.web.cursors import Page, Paging
from shared.web.fields import Line, Named
from shared.web.pages import View, page_router
from shared.web.routing import ANY, Role, Unit, allow

router = page_router()
LIST, ROWS = "/narvaro/intyg", 200


@router.get(PAGE.format("{hash}"))
async def verify(hash: Named, unit: Unit = allow(*ANY, by=anybody)) -> View:  # noqa: A002 # the address is on paper
    """Yes or no, to anybody."""
    return View("certificates/verify.html", known=await is_known(unit, hash))


@router.get(LIST)
async def certificates(
    page: Paging,
    month: Month | None = None,
    q: Line | None = None,
    unit: Unit = allow(Role.COORDINATOR, Role.MUNICIPALITY),
) -> View:
    """What was attested in a month; a municipality sees those of whom it registered."""
    first = date.fromisoformat(f"{month}-01") if month else local_day(unit.recorded_at).replace(day=1)
    shorter = Page(ROWS, page.after, page.path)
    rows = await certified(unit, first, next_month(first), (q or "").lower(), shorter)
    listing = shorter.answer(rows, lambda row: [row["session_id"], row["participant_id"]], lambda row: row)
    return View("certificates/list.html", listing=listing, first=first, chosen=f"{first:%Y-%m}")


@router.get(LIST + "/{participant_id}/{session_id}.pdf")
async def certificate(
    participant_id: UUID,
    session_id: UUID,
    request: Request,
    language: Language = "sv",
    unit: Unit = allow(Role.COORDINATOR, Role.MUNICIPALITY),
) -> Response:
    """The same PDF as by the API; who may not have it yet reads why on a page."""
    return await show_certificate(participant_id, session_id, request, language, unit)
