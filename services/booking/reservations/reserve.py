"""Holding seats for a municipality before the names are known (product: platsreservation)."""

from uuid import UUID

from sqlalchemy import insert

from services.booking.allocation.act import SessionAct, session_act
from services.booking.allocation.checks import ensure_open, ensure_within_project
from services.booking.allocation.held import note_next_lapse
from services.booking.allocation.situation import load_situation
from services.booking.allocation.tables import Reservation
from services.booking.catalogue.queries import ensure_municipality
from services.booking.reservations import problems
from services.booking.reservations.bodies import ReservationBody
from services.booking.reservations.rules import State, deadline_fault
from shared.audit.record import record
from shared.contracts.booking_v1 import SeatsReserved
from shared.database.unit_of_work import Unit
from shared.web.problems import invalid


async def reserve(unit: Unit, session_id: UUID, body: ReservationBody) -> UUID:
    """Hold seats that are bookable for the municipality now. Returns the id of the reservation.

    Raises 404, 422, and 409 when the session takes no bookings or has fewer seats for it, behind those who wait.
    """
    municipality = await _municipality(unit, body)
    async with session_act(unit, session_id) as act:
        ensure_open(act.session, act.at)
        if fault := deadline_fault(body.name_by, act.at, act.session.starts_at):
            raise invalid(problems.deadline_wrong(fault))
        situation = await load_situation(unit, act.session, [], act.at)
        ensure_within_project(act.session, situation.project_period)
        available = (await act.serve_queue(situation)).available_to(municipality)
        if body.seats > available:
            raise problems.too_few_seats(available)
        return await _hold(act, municipality, body)


async def _municipality(unit: Unit, body: ReservationBody) -> str:
    """For whom: a municipality itself, or whom the coordinator names. Raises 422."""
    code = body.municipality or unit.municipality
    if code is None:
        raise invalid(problems.municipality_missing())
    if unit.municipality not in (None, code):
        raise invalid(problems.not_your_municipality())
    await ensure_municipality(unit, code)
    return code


async def _hold(act: SessionAct, municipality: str, body: ReservationBody) -> UUID:
    unit, reservation_id = act.unit, act.unit.ids.uuid7()
    held = {"municipality": municipality, "seats": body.seats, "name_by": body.name_by}
    row = {
        **held,
        "id": reservation_id,
        "session_id": act.session.id,
        "named": 0,
        "state": State.OPEN.value,
        "reserved_at": act.at,
        "entered_at": unit.recorded_at,
        "revision": 1,
    }
    await unit.execute(insert(Reservation).values(row))
    await note_next_lapse(unit, act.session.id)
    unit.emit(SeatsReserved(reservation_id=reservation_id, session_id=act.session.id, **held))
    await record(unit, "seats-reserved", f"reservation/{reservation_id}", after=held)
    return reservation_id
