"""Giving back the seats of employments that end: registrations on sessions that begin later are cancelled."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.booking.allocation.act import session_acts
from services.booking.registrations.end import BY_SYSTEM, end_registrations
from shared.clock import day_end
from shared.database.unit_of_work import Unit

LATER = text(
    """
    SELECT r.id, r.staff_id, r.session_id
      FROM unnest(CAST(:staff AS uuid[]), CAST(:after AS timestamptz[])) AS ending (staff_id, after)
      JOIN registrations r USING (staff_id) JOIN sessions s ON s.id = r.session_id
     WHERE r.status IN ('confirmed', 'waitlisted') AND s.state = 'scheduled' AND s.starts_at >= ending.after
    """
)

SHOWN = text(
    """
    SELECT r.id, r.status, r.session_id, c.title, s.starts_at, s.ends_at, s.venue, f.given_name, f.family_name
      FROM registrations r JOIN staff f ON f.id = r.staff_id
      JOIN sessions s ON s.id = r.session_id JOIN courses c ON c.code = s.course
     WHERE r.id = ANY(CAST(:ids AS uuid[])) ORDER BY s.starts_at, r.id
    """
)

LastDays = Mapping[UUID, date]
"""The last day of each employment that ends, by staff id."""
Moments = Mapping[UUID, datetime]
"""From when on an employment takes part in nothing, by staff id."""
Cancelled = Mapping[UUID, list[UUID]]
"""Registrations by staff id."""


async def later_registrations(unit: Unit, last_days: LastDays) -> Cancelled:
    """The registrations on sessions that begin after the employments' last days."""
    return _by_staff(await registrations_after(unit, _moments(last_days)))


async def registrations_shown(unit: Unit, moments: Moments) -> Sequence[RowMapping]:
    """What those who take part in nothing from these moments on are registered for, for people to read."""
    ids = [row["id"] for row in await registrations_after(unit, moments)]
    return await unit.all(SHOWN, {"ids": ids}) if ids else []


async def vacate(unit: Unit, last_days: LastDays) -> Cancelled:
    """Cancels those registrations by the system: neutral, never late, and the seats go to those who wait. Returns them.

    Before the persons are locked: sessions are locked first, all of them before the first seat is free, so that it goes
    to nobody who leaves too.
    """
    return await vacate_after(unit, _moments(last_days))


async def vacate_after(unit: Unit, moments: Moments) -> Cancelled:
    """The same for the registrations on sessions that begin at these moments, or later."""
    sessions = {row["session_id"] for row in await registrations_after(unit, moments)}
    if not sessions:
        return {}
    cancelled: list[RowMapping] = []
    async with session_acts(unit, sessions) as acts:
        as_locked = await registrations_after(unit, moments)
        found = [row for row in as_locked if row["session_id"] in acts]
        for session_id, act in acts.items():
            ids = [row["id"] for row in found if row["session_id"] == session_id]
            ended = {row["id"] for row in await end_registrations(act, ids, BY_SYSTEM)} if ids else set()
            cancelled += [row for row in found if row["id"] in ended]
    return _by_staff(cancelled)


def _moments(last_days: LastDays) -> Moments:
    return {staff: day_end(day) for staff, day in last_days.items()}


async def registrations_after(unit: Unit, moments: Moments) -> Sequence[RowMapping]:
    """Id, `staff_id` and `session_id` of the registrations on sessions that begin at these moments, or later."""
    return await unit.all(LATER, {"staff": [*moments], "after": [*moments.values()]}) if moments else []


def _by_staff(rows: Iterable[RowMapping]) -> Cancelled:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in rows:
        found[row["staff_id"]].append(row["id"])
    return {staff: sorted(ids) for staff, ids in found.items()}
