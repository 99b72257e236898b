"""What a start page shows, in the caller's scope."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.catalogue.queries import municipality_row, project_row
from services.booking.planning.board import occasions_between
from services.booking.registrations.listing import Listed, Wanted, listed_page
from shared.clock import day_start, local_day
from shared.database.unit_of_work import Unit
from shared.web.pages.rendering import Frame

SOON, LOOKED_OVER = timedelta(days=14), timedelta(weeks=8)
MOST = 50
RESERVED = text(
    """
    SELECT r.id, r.seats - r.named AS held, r.name_by, s.starts_at, s.ends_at, c.title
      FROM reservations r
      JOIN sessions s ON s.id = r.session_id
      JOIN courses c ON c.code = s.course
     WHERE r.state = 'open' AND r.name_by > :now
     ORDER BY r.name_by, r.id LIMIT :most
    """
)
TO_IDENTIFY = text("SELECT count(*) AS walk_ins FROM walk_ins WHERE state = 'to-identify'")
# A day of somebody away is an occasion: a session may have several. From the days to the people: OFFSET keeps
# PostgreSQL from beginning with all staff.
AWAY = text(
    """
    SELECT r.session_id, o.starts_at, o.ends_at, c.title, s.venue, m.name AS town, count(*) AS people,
           s.starts_at AS begins_at,
           jsonb_agg(jsonb_build_object('id', r.id, 'name', f.given_name || ' ' || f.family_name)
                     ORDER BY f.name_order, r.id) AS who
      FROM occasions o
      JOIN sessions s ON s.id = o.session_id AND s.state = 'scheduled'
      JOIN courses c ON c.code = s.course
      LEFT JOIN municipalities m ON m.code = s.host_municipality
     CROSS JOIN LATERAL (SELECT * FROM registrations WHERE session_id = s.id AND status = 'confirmed' OFFSET 0) r
     CROSS JOIN LATERAL (SELECT * FROM staff WHERE id = r.staff_id OFFSET 0) f
     WHERE o.ends_at > :first AND o.starts_at < :last
     GROUP BY r.session_id, o.id, o.starts_at, o.ends_at, c.title, s.venue, s.starts_at, m.name
     ORDER BY o.starts_at, o.id LIMIT :most
    """
).columns(who=JSONB)
QUEUES = text(
    """
    SELECT s.id AS session_id, s.starts_at, c.title, count(*) AS people
      FROM registrations r
      JOIN sessions s ON s.id = r.session_id AND s.state = 'scheduled' AND s.starts_at > :now
      JOIN courses c ON c.code = s.course
     WHERE r.status = 'waitlisted'
     GROUP BY s.id, c.title ORDER BY s.starts_at, s.id LIMIT :most
    """
)
UNDECIDED = text(
    """
    SELECT (SELECT count(*) FROM walk_ins WHERE state = 'to-identify') AS walk_ins,
           (SELECT count(*) FROM mails WHERE state = 'refused') AS mails
    """
)
OFFERED = text(
    """
    SELECT s.id, s.starts_at, s.ends_at, c.title, c.description, s.venue, m.name AS municipality,
           s.capacity > (SELECT count(*) FROM registrations r
                          WHERE r.session_id = s.id AND r.status = 'confirmed') AS has_places
      FROM sessions s
      JOIN courses c ON c.code = s.course
      LEFT JOIN municipalities m ON m.code = s.host_municipality
     WHERE s.state = 'scheduled' AND s.starts_at > :now
     ORDER BY s.starts_at, s.id LIMIT :most
    """
)


async def frame(unit: Unit) -> Frame:
    """The project's name, and the municipality's for which the caller acts."""
    project = await project_row(unit)
    acting_for = await municipality_row(unit, unit.municipality) if unit.municipality else None
    return Frame(project["name"] if project else "kursnav", acting_for["name"] if acting_for else "")


async def waiting(unit: Unit) -> list[Listed]:
    """Who waits for a place, soonest session first."""
    found = await listed_page(unit, Wanted("waitlisted", from_=local_day(unit.recorded_at)), None, MOST)
    return [one for one in found if one.open_at(unit.recorded_at)]


async def reserved(unit: Unit) -> Sequence[RowMapping]:
    """The reserved seats that need names, the nearest deadline first."""
    return await unit.all(RESERVED, {"now": unit.recorded_at, "most": MOST})


async def walk_ins_to_identify(unit: Unit) -> int:
    """How many came without being registered, and nobody has said who they were."""
    return int((await unit.one(TO_IDENTIFY))["walk_ins"])


async def away(unit: Unit) -> Sequence[RowMapping]:
    """Who is away on a course, from today on."""
    return await unit.all(AWAY, {"first": _today(unit), "last": unit.recorded_at + SOON, "most": MOST})


async def coming(unit: Unit) -> Sequence[RowMapping]:
    """What is held in the next weeks, with what may go wrong with each."""
    return await occasions_between(unit, unit.recorded_at, unit.recorded_at + LOOKED_OVER)


async def queues(unit: Unit) -> Sequence[RowMapping]:
    """The sessions that people wait for, soonest first, with how many."""
    return await unit.all(QUEUES, {"now": unit.recorded_at, "most": MOST})


async def undecided(unit: Unit) -> RowMapping:
    """How much waits for somebody to decide."""
    async with unit.as_system():
        return (await unit.all(UNDECIDED))[0]


async def offered(unit: Unit) -> Sequence[RowMapping]:
    """The coming sessions as the public sees them: places left or not, never how many."""
    async with unit.as_system():
        return await unit.all(OFFERED, {"now": unit.recorded_at, "most": 200})


def _today(unit: Unit) -> datetime:
    return day_start(local_day(unit.recorded_at))
