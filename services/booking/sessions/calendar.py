"""A session as a file for anybody's calendar: one entry for each occasion."""

from uuid import UUID

from services.booking.allocation.rules import State
from services.booking.calendar import Entry, calendar_of, uid_of, where
from services.booking.catalogue.queries import municipality_names
from services.booking.sessions.queries import Found, find_session
from shared.database.unit_of_work import Unit


async def session_calendar(unit: Unit, session_id: UUID) -> bytes:
    """The occasions as they are now. Raises 404."""
    found, towns = await find_session(unit, session_id), await municipality_names(unit)
    return calendar_of(entries(found, towns.get(found.shown.host_municipality), unit))


def entries(found: Found, town: str | None, unit: Unit) -> list[Entry]:
    """Each occasion; imported again after a change, it takes the place of what it was."""
    session = found.shown
    return [
        Entry(
            uid=uid_of(occasion.occasion_id),
            sequence=found.revision,
            stamp=unit.recorded_at,
            starts_at=occasion.starts_at,
            ends_at=occasion.ends_at,
            summary=session.course_title,
            location=where(session.venue, town),
            cancelled=session.state is State.CANCELLED,
        )
        for occasion in session.occasions
    ]
