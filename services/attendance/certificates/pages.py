"""The page that says whether a certificate is genuine, and the one where a manager fetches certificates."""

from datetime import date

from services.attendance.certificates.issue import PAGE
from services.attendance.certificates.queries import certified
from services.attendance.certificates.verify import is_known
from services.attendance.signatures.ask import next_month
from shared.clock import local_day
from shared.contracts.types import Month
from shared.web.admission import anybody
from shared.web.cursors import Page, Paging
from shared.web.fields import Line, Named
from shared.web.pages import View, page_router
from shared.web.routing import ANY, Role, Unit, allow

router = page_router()
ROWS = 200


@router.get(PAGE.format("{hash}"))
async def verify(hash: Named, unit: Unit = allow(*ANY, by=anybody)) -> View:  # noqa: A002 # the address is on paper
    """Yes or no, to anybody."""
    return View("certificates/verify.html", known=await is_known(unit, hash))


@router.get("/narvaro/intyg")
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
