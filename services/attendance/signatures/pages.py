"""The office's pages about signatures: who has not signed, and entering paper."""

from datetime import date
from uuid import UUID

from services.attendance.people.contacts import names_of
from services.attendance.signatures.bodies import PaperBody
from services.attendance.signatures.http import find_months, post_signature
from services.attendance.signatures.queries import month_of
from services.attendance.signatures.rules import Month as Signed
from services.attendance.signatures.rules import State
from shared.clock import local_day
from shared.contracts.types import Month
from shared.sorting import swedish_order
from shared.web.cursors import Page, Paging
from shared.web.pages import Done, View, page_router
from shared.web.pages.languages import _
from shared.web.problems import not_found
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST = "/narvaro/underskrifter"
ONE = LIST + "/{month}/{participant_id}"
ROWS = 200


@router.get(LIST)
async def months(
    page: Paging, month: Month | None = None, state: State | None = None, unit: Unit = allow(Role.COORDINATOR)
) -> View:
    """Everybody's month, those first who have not signed."""
    chosen = month or f"{local_day(unit.recorded_at):%Y-%m}"
    found = await find_months(unit, chosen, None, None)
    counts = {one: sum(own.state == one for own in found) for one in ("unsigned", "voided", "signed")}
    shown = [own for own in found if state in (None, own.state)]
    names = await names_of(unit, [own.participant_id for own in shown])
    rows = sorted(shown, key=lambda own: _place(own, names.get(own.participant_id)))
    # A cursor holds an id: no name stands in an address.
    last = page.last(UUID)
    begin = next((n for n, own in enumerate(rows, start=1) if own.participant_id == last), 0)
    shorter = Page(ROWS, page.after, page.path)
    listing = shorter.answer(rows[begin:][: shorter.fetch], lambda own: [own.participant_id], lambda own: own)
    first = date.fromisoformat(f"{chosen}-01")
    return View(
        "signatures/list.html", listing=listing, names=names, counts=counts, chosen=chosen, first=first, state=state
    )


def _place(own: Signed, name: str | None) -> tuple[bool, bool, tuple[str, str], UUID]:
    return own.state == "signed", name is None, swedish_order(name or ""), own.participant_id


@router.get(ONE)
async def one(month: Month, participant_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """A person's month, with the form to enter a paper."""
    found = await month_of(unit, participant_id, month)
    if not found.items and not found.signed:
        raise not_found("Månaden", "The month")
    names = await names_of(unit, [participant_id])
    first = date.fromisoformat(f"{month}-01")
    return View("signatures/one.html", month=found, name=names.get(participant_id), first=first)


@router.post(ONE)
async def enter(month: Month, participant_id: UUID, body: PaperBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await post_signature(body, unit)
    return Done(f"{LIST}?month={month}", _("The signature on paper is entered."))
