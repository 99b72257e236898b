"""Giving held seats back before the names are known: they go to those who wait."""

from uuid import UUID

from starlette.requests import Request

from services.booking.allocation.act import session_act
from services.booking.allocation.held import release_held
from services.booking.reservations.queries import ensure_open_at, reservation_row
from shared.database.unit_of_work import Unit
from shared.web.etags import require_if_match


async def release(unit: Unit, request: Request, reservation_id: UUID) -> None:
    """End a reservation in the revision that the caller has seen; who was named keeps the seat.

    Raises 404, 412, 428, and 409 when nothing is held any more.
    """
    seen = await reservation_row(unit, reservation_id)
    async with session_act(unit, seen["session_id"]) as act:
        row = await reservation_row(unit, reservation_id)
        require_if_match(request, row["revision"])
        ensure_open_at(row, act.at)
        await release_held(unit, act.session.id, act.at, reservation_id)
