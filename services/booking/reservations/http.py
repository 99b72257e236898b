"""The calls about reservations: a municipality for itself, the coordinator for all."""

from uuid import UUID

from starlette.requests import Request

from services.booking.allocation.lock import read_session
from services.booking.allocation.problems import OVER, STARTED
from services.booking.registrations.bodies import ResultsShown, results_shown
from services.booking.registrations.problems import SESSION_FULL
from services.booking.reservations.bodies import NamesBody, ReservationBody, ReservationShown
from services.booking.reservations.name import name_persons
from services.booking.reservations.problems import ENDED, MORE_THAN_HELD
from services.booking.reservations.queries import find_reservation, reservations_page
from services.booking.reservations.release import release
from services.booking.reservations.reserve import reserve
from shared.web.cursors import Listing, Paging
from shared.web.openapi import problems
from shared.web.problems import language_of
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="reservations")


@router.get("/v1/sessions/{session_id}/reservations")
async def list_reservations(
    session_id: UUID, page: Paging, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Listing[ReservationShown]:
    """The reservations of a session, in the order in which they were made; a municipality sees its own."""
    await read_session(unit, session_id)
    found = await reservations_page(unit, session_id, page)
    return page.answer(found, lambda each: [each.id], lambda each: each)


@router.post(
    "/v1/sessions/{session_id}/reservations",
    status_code=201,
    responses={409: problems(*STARTED, "registration-not-open", "outside-project", SESSION_FULL)},
)
async def post_reservation(
    session_id: UUID, body: ReservationBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Versioned[ReservationShown]:
    """Holds seats until they get names, at the latest by `name_by`; what has none by then goes to those who wait."""
    return Versioned(*await find_reservation(unit, await reserve(unit, session_id, body)))


@router.get("/v1/reservations/{reservation_id}")
async def show_reservation(
    reservation_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Versioned[ReservationShown]:
    """One reservation."""
    return Versioned(*await find_reservation(unit, reservation_id))


@router.put(
    "/v1/reservations/{reservation_id}/names",
    response_model_exclude_none=True,
    responses={409: problems(*STARTED, *ENDED, MORE_THAN_HELD)},
)
async def put_names(
    reservation_id: UUID,
    body: NamesBody,
    request: Request,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Versioned[ResultsShown]:
    """Gives held seats to these persons; names are never taken away by it, and the same names again change nothing."""
    results, revision = await name_persons(unit, request, reservation_id, body.staff)
    return Versioned(results_shown(results, language_of(request)), revision)


@router.delete("/v1/reservations/{reservation_id}", responses={409: problems(*OVER, *ENDED)})
async def delete_reservation(
    reservation_id: UUID, request: Request, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Versioned[ReservationShown]:
    """Gives back the seats that have no name; who was named keeps the seat."""
    await release(unit, request, reservation_id)
    return Versioned(*await find_reservation(unit, reservation_id))
