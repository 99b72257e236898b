"""Reading reservations, in the caller's scope: a municipality its own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import col

from services.booking.allocation.tables import Reservation
from services.booking.reservations import problems
from services.booking.reservations.bodies import ReservationShown
from services.booking.reservations.rules import State, state_at
from shared.database.conditions import by_id
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page


async def reservation_row(unit: Unit, reservation_id: UUID) -> RowMapping:
    """The stored reservation. Raises 404, also for one that the caller may not see."""
    return await unit.found(by_id(Reservation, reservation_id), missing=problems.reservation_missing())


async def find_reservation(unit: Unit, reservation_id: UUID) -> tuple[ReservationShown, int]:
    """One reservation and its revision. Raises 404."""
    row = await reservation_row(unit, reservation_id)
    return reservation_shown(row, unit.recorded_at), row["revision"]


async def reservations_page(unit: Unit, session_id: UUID, page: Page) -> list[ReservationShown]:
    """Reservations of a session, in the order in which they were made."""
    statement = select(Reservation).where(col(Reservation.session_id) == session_id)
    rows = await unit.all(page.cut(statement, col(Reservation.id)))
    return [reservation_shown(row, unit.recorded_at) for row in rows]


def reservation_shown(row: RowMapping, now: datetime) -> ReservationShown:
    state = state_at(row["state"], row["name_by"], row["entered_at"], now)
    return ReservationShown(
        id=row["id"],
        session=row["session_id"],
        municipality=row["municipality"],
        seats=row["seats"],
        named=row["named"],
        held=row["seats"] - row["named"] if state is State.OPEN else 0,
        name_by=row["name_by"],
        state=state,
    )


def ensure_open_at(row: RowMapping, at: datetime) -> None:
    """Raises 409 for a reservation that holds no seats, or did not hold them yet at that moment."""
    state = state_at(row["state"], row["name_by"], row["entered_at"], at)
    if state in problems.WHY_ENDED:
        raise problems.ended(state)
    if at < row["reserved_at"]:
        raise problems.before_reservation(row)
