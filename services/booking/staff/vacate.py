"""Giving back the seats of an employment that ends: registrations on sessions that begin later are cancelled."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from sqlalchemy import text

from services.booking.allocation.act import session_act
from services.booking.registrations.end import BY_SYSTEM, end_registrations
from shared.clock import day_end
from shared.database.unit_of_work import Unit

LATER = text(
    """
    SELECT r.id, r.session_id FROM registrations r JOIN sessions s ON s.id = r.session_id
     WHERE r.staff_id = :staff AND r.status IN ('confirmed', 'waitlisted') AND s.state = 'scheduled'
       AND s.starts_at >= :after ORDER BY r.session_id
    """
)


async def later_registrations(unit: Unit, staff_id: UUID, last_day: date) -> dict[UUID, list[UUID]]:
    """The employment's registrations on sessions that begin after its last day, by session, in order of locking."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await unit.all(LATER, {"staff": staff_id, "after": day_end(last_day)}):
        found[row["session_id"]].append(row["id"])
    return found


async def vacate(unit: Unit, staff_id: UUID, last_day: date | None) -> list[UUID]:
    """Cancels those registrations by the system: neutral, never late, and the seats go to those who wait. Returns them.

    Before the person is locked: sessions are locked first.
    """
    if last_day is None:
        return []
    cancelled: list[UUID] = []
    for session_id, ids in (await later_registrations(unit, staff_id, last_day)).items():
        async with session_act(unit, session_id) as act:
            cancelled += [row["id"] for row in await end_registrations(act, ids, BY_SYSTEM)]
    return sorted(cancelled)
