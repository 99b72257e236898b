"""The participant's own page, and signing a month in two steps."""

from datetime import datetime

from starlette.requests import Request

from services.attendance.check_in.pages import remember
from services.attendance.links.admission import by_own_link, holder
from services.attendance.notices.compose import OWN_PAGE
from services.attendance.own_page.bodies import OwnMonthShown, SignBody
from services.attendance.own_page.codes import Attempt, attempted, send_code
from services.attendance.own_page.queries import own_page, shown_month
from services.attendance.own_page.sign import sign
from services.attendance.project.queries import settings
from services.attendance.signatures.queries import month_of
from services.attendance.signatures.rules import Item
from shared.contracts.types import Month
from shared.web.fields import Named
from shared.web.pages import Done, View, page_router
from shared.web.pages.languages import _
from shared.web.problems import not_found
from shared.web.routing import Unit, allow, beforehand

router = page_router()

HOME = OWN_PAGE.format("{token}")
MONTH = HOME + "/{month}"
CODE = MONTH + "/kod"


@router.get(HOME)
async def home(token: Named, request: Request, unit: Unit = allow(by=by_own_link)) -> View:
    """Whoever has opened it on a phone can check in there by the code alone."""
    async with unit.as_system():
        shown = await own_page(unit, holder(unit))
    now = unit.recorded_at
    to_sign = [one for one in shown.months if one.minutes and one.state != "signed" and _is_open(one, now)]
    view = View("own_page/home.html", shown=shown, to_sign=to_sign, here=HOME.format(token=token), now=now)
    view.finish = lambda response: remember(request, response, token)
    return view


def _is_open(month: OwnMonthShown, now: datetime) -> bool:
    return month.signing_ends_at is not None and month.signing_ends_at > now


@router.get(MONTH)
async def look(token: Named, month: Month, unit: Unit = allow(by=by_own_link)) -> View:
    """Step 1: are the hours right?"""
    shown, items = await _month(unit, month)
    return View("own_page/month.html", month=shown, items=items, here=HOME.format(token=token))


@router.post(MONTH)
async def ask_for_code(token: Named, month: Month, request: Request, unit: Unit = allow(by=by_own_link)) -> Done:
    async with unit.as_system():
        await send_code(unit, request.app.state.mailing, holder(unit))
    return Done(CODE.format(token=token, month=month))


@router.get(CODE)
async def enter_code(token: Named, month: Month, unit: Unit = allow(by=by_own_link)) -> View:
    """Step 2: the code out of the mail."""
    shown, items = await _month(unit, month)
    return View("own_page/code.html", month=shown, items=items, here=HOME.format(token=token))


@router.post(CODE)
async def sign_month(
    token: Named,
    month: Month,
    body: SignBody,
    attempt: Attempt = beforehand(attempted),
    unit: Unit = allow(by=by_own_link),
) -> Done:
    await sign(unit, holder(unit), body, attempt)
    return Done(HOME.format(token=token), _("Your hours are signed. Thank you."))


async def _month(unit: Unit, name: str) -> tuple[OwnMonthShown, tuple[Item, ...]]:
    async with unit.as_system():
        month = await month_of(unit, holder(unit).participant_id, name)
        if not month.items:
            raise not_found("Månaden", "The month")
        return shown_month(month, await settings(unit)), month.items
