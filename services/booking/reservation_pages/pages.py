"""The pages of reservations: holding seats, giving them names, giving them back."""

from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.booking.catalogue.queries import municipality_names
from services.booking.registrations.preview import MOST, prospects, where_to_begin
from services.booking.reservations.bodies import NamesBody, ReservationBody
from services.booking.reservations.name import name_persons
from services.booking.reservations.queries import find_reservation
from services.booking.reservations.release import release
from services.booking.reservations.reserve import reserve
from services.booking.sessions.queries import Found, find_session
from services.booking.staff.queries import workplaces
from shared.clock import STOCKHOLM
from shared.web.fields import Line
from shared.web.pages import Done, View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

SESSION = "/boka/kurstillfallen/{session_id}"
ONE = "/boka/reservationer/{reservation_id}"


@router.get(f"{SESSION}/reservera")
async def ask_to_reserve(session_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """How many seats, and until when they get names."""
    found = await find_session(unit, session_id)
    return View(
        "reservation_pages/reserve.html",
        session=found.shown,
        name_by=_proposed(found, unit.recorded_at),
        municipalities=await municipality_names(unit),
    )


def _proposed(found: Found, now: datetime) -> str:
    """The deadline to cancel, while it lies ahead: names that come then leave time to fill what is given back."""
    deadline = found.shown.cancellation_deadline
    proposed = deadline if now < deadline else found.starts_at
    return f"{proposed.astimezone(STOCKHOLM):%Y-%m-%dT%H:%M}"


@router.post(f"{SESSION}/reservera")
async def hold_seats(
    session_id: UUID, body: ReservationBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    reservation_id = await reserve(unit, session_id, body)
    return Done(ONE.format(reservation_id=reservation_id), _("The seats are reserved."))


@router.get(ONE)
async def reservation(
    reservation_id: UUID,
    workplace: Line | None = None,
    q: Line | None = None,
    *,
    request: Request,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> View | Response:
    """One reservation, with those who may get its seats; at first those of the workplace that was chosen from last."""
    shown, revision = await find_reservation(unit, reservation_id)
    if shown.held and (elsewhere := await where_to_begin(unit, request)):
        return elsewhere
    people = []
    if shown.held:
        people = await prospects(
            unit, shown.session, municipality=shown.municipality, workplace=workplace, begins_with=q
        )
    return View(
        "reservation_pages/one.html",
        revision,
        reservation=shown,
        session=(await find_session(unit, shown.session)).shown,
        able=[one for one in people if one.problem is None],
        unable=[one for one in people if one.problem is not None],
        most=len(people) == MOST,
        workplaces=await workplaces(unit),
        municipalities=await municipality_names(unit),
    )


@router.post(ONE)
async def give_names(
    reservation_id: UUID,
    body: NamesBody,
    request: Request,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Done:
    results, _revision = await name_persons(unit, request, reservation_id, body.staff)
    refused = sum(result.problem is not None for result in results)
    address = ONE.format(reservation_id=reservation_id)
    if refused:
        return Done(address, _("%(refused)s of those you named may not go: see below why."), refused=refused)
    return Done(address, _("The seats have their names."))


@router.get(f"{ONE}/lamna-tillbaka")
async def ask_to_release(reservation_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """What giving seats back means, before it is done."""
    shown, revision = await find_reservation(unit, reservation_id)
    session = (await find_session(unit, shown.session)).shown
    return View("reservation_pages/release.html", revision, reservation=shown, session=session)


@router.post(f"{ONE}/lamna-tillbaka")
async def give_back(
    reservation_id: UUID, request: Request, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    await release(unit, request, reservation_id)
    return Done(ONE.format(reservation_id=reservation_id), _("The seats are given back."))
