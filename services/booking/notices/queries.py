"""Reading what a notice is made of, and the notices that went."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from services.booking.allocation.lock import Candidate
from services.booking.notices.bodies import NoticeShown
from services.booking.notices.rules import Meeting
from services.booking.notices.tables import DiaryEntry
from shared.clock import instant
from shared.database.unit_of_work import Unit
from shared.web.problems import not_found

SESSIONS = text(
    """
    SELECT s.id, c.code, c.title AS course, s.venue, m.name AS town, s.state, s.cancel_cause, s.starts_at, s.ends_at,
           (SELECT jsonb_agg(jsonb_build_array(o.id, o.starts_at, o.ends_at) ORDER BY o.starts_at, o.id)
              FROM occasions o WHERE o.session_id = s.id) AS occasions
      FROM sessions s JOIN courses c ON c.code = s.course
      LEFT JOIN municipalities m ON m.code = s.host_municipality
     WHERE s.id = ANY(CAST(:sessions AS uuid[]))
    """
).columns(occasions=JSONB)
PLACES = """
    SELECT r.id, r.session_id, r.staff_id, r.participant_id, r.employment_id, r.municipality, r.status, r.was, r.reason,
           r.confirmed_at, p.protected, p.erased,
           f.given_name || ' ' || f.family_name AS name, f.email, f.manager_email, f.language
      FROM registrations r JOIN staff f ON f.id = r.staff_id
      JOIN participants p ON p.participant_id = r.participant_id
"""
PLACES_OF = text(PLACES + " WHERE r.id = ANY(CAST(:registrations AS uuid[]))")
ON_SESSION = text(PLACES + " WHERE r.session_id = :session AND r.status = 'confirmed' ORDER BY r.id")
ERASED = text("SELECT id FROM staff WHERE id = ANY(CAST(:staff AS uuid[])) AND erased")
NOTICES = """
    SELECT m.id, m.kind, m.recipient AS "to", m.recipient_role AS to_role, m.subject, m.language,
           m.session_id AS session, m.person_id AS staff, m.municipality, m.state, m.attempts, m.reason, m.queued_at,
           m.ended_at
      FROM mails m
"""
ONE_NOTICE = text(NOTICES + " WHERE m.id = :id")
SELECTED = """
     WHERE (CAST(:session AS uuid) IS NULL OR m.session_id = :session)
       AND (CAST(:staff AS uuid) IS NULL OR m.person_id = :staff)
       AND (CAST(:state AS text) IS NULL OR m.state = :state)
       AND (CAST(:begin AS text) IS NULL OR starts_with(lower(m.recipient), :begin) OR m.person_id IN (
            SELECT id FROM staff
             WHERE name_key >= :begin AND name_key < CAST(:begin AS text) || chr(1114111)
                OR family_name_key >= :begin AND family_name_key < CAST(:begin AS text) || chr(1114111)))
       AND (CAST(:before AS timestamptz) IS NULL OR (m.queued_at, m.id) < (:before, CAST(:before_id AS uuid)))
     ORDER BY m.queued_at DESC, m.id DESC LIMIT :fetch
"""
PAGE = text(NOTICES + SELECTED)
ABOUT = text(
    """
    SELECT s.id, c.title, s.starts_at FROM sessions s JOIN courses c ON c.code = s.course
     WHERE EXISTS (SELECT 1 FROM mails m WHERE m.session_id = s.id)
     ORDER BY s.starts_at DESC, s.id LIMIT 200
    """
)


@dataclass(frozen=True)
class Told:
    """A session as it is told of."""

    id: UUID
    code: str
    course: str
    venue: str
    town: str | None
    state: str
    cause: str | None
    starts_at: datetime
    ends_at: datetime
    meetings: Sequence[Meeting]


@dataclass(frozen=True)
class Place:
    """A registration and whom to write to about it. `name` is None where nobody may read it."""

    id: UUID
    session_id: UUID
    staff_id: UUID
    participant_id: UUID
    employment_id: UUID
    municipality: str
    status: str
    was: str | None
    reason: str | None
    confirmed_at: datetime | None
    name: str | None
    email: str | None
    manager_email: str | None
    language: str

    @property
    def candidate(self) -> Candidate:
        return Candidate(self.staff_id, self.participant_id, self.employment_id, self.municipality)


async def told_session(unit: Unit, session_id: UUID) -> Told | None:
    """The session as it is now, None when there is none. Only in system scope."""
    return (await told_sessions(unit, [session_id])).get(session_id)


async def told_sessions(unit: Unit, sessions: Collection[UUID]) -> dict[UUID, Told]:
    """Sessions as they are now, by their id. Only in system scope."""
    return {row["id"]: _told(row) for row in await unit.all(SESSIONS, {"sessions": list(sessions)})}


def _told(row: RowMapping) -> Told:
    meetings = [_meeting(occasion, row["venue"]) for occasion in row["occasions"]]
    names = ("id", "code", "course", "venue", "town", "state", "starts_at", "ends_at")
    return Told(**{name: row[name] for name in names}, cause=row["cancel_cause"], meetings=meetings)


def _meeting(occasion: Sequence[Any], venue: str) -> Meeting:
    occasion_id, *times = occasion
    starts_at, ends_at = (at for time in times if (at := instant(time)) is not None)
    return Meeting(UUID(occasion_id), starts_at, ends_at, venue)


async def place(unit: Unit, registration_id: UUID) -> Place | None:
    """One registration; None when the person is erased: nobody is left to write to. Only in system scope."""
    return (await places_of(unit, [registration_id])).get(registration_id)


async def places_of(unit: Unit, registrations: Collection[UUID]) -> dict[UUID, Place]:
    """Registrations by their id, without those of people who are erased. Only in system scope."""
    rows = await unit.all(PLACES_OF, {"registrations": list(registrations)}) if registrations else ()
    return {row["id"]: _place(row) for row in rows if not row["erased"]}


async def places(unit: Unit, session_id: UUID) -> list[Place]:
    """Everybody who has a seat on a session. Only in system scope."""
    return [_place(row) for row in await unit.all(ON_SESSION, {"session": session_id}) if not row["erased"]]


def _place(row: RowMapping) -> Place:
    fields = {name: row[name] for name in Place.__dataclass_fields__ if name != "name"}
    return Place(**fields, name=None if row["protected"] else row["name"])


async def erased(unit: Unit, staff: Sequence[UUID]) -> set[UUID]:
    """Those of the employments whose person is erased. Only in system scope."""
    return {row["id"] for row in await unit.all(ERASED, {"staff": list(staff)})}


async def diary(unit: Unit, registration_id: UUID) -> list[RowMapping]:
    """The calendar entries of a registration. Only in system scope."""
    statement = select(DiaryEntry).where(col(DiaryEntry.registration_id) == registration_id)
    return list(await unit.all(statement.order_by(col(DiaryEntry.starts_at))))


def meeting_of(entry: RowMapping) -> Meeting:
    return Meeting(entry["occasion_id"], entry["starts_at"], entry["ends_at"], entry["venue"])


@dataclass(frozen=True)
class Filter:
    """Which notices to list. `begin`: what the address, or the name of the person concerned, begins with."""

    session: UUID | None = None
    staff: UUID | None = None
    state: str | None = None
    begin: str | None = None


async def notices_page(
    unit: Unit, wanted: Filter, before: tuple[datetime, UUID] | None, fetch: int
) -> list[NoticeShown]:
    """Up to `fetch` notices that were written before the last one seen, newest first."""
    at, notice_id = before or (None, None)
    values = {**vars(wanted), "before": at, "before_id": notice_id, "fetch": fetch}
    return [NoticeShown.model_validate(dict(row)) for row in await unit.all(PAGE, values)]


async def sessions_told_of(unit: Unit) -> Sequence[RowMapping]:
    """The sessions that the caller's mails are about, the latest first."""
    return await unit.all(ABOUT)


async def notice(unit: Unit, notice_id: UUID) -> tuple[NoticeShown, int]:
    """One notice, and how often it was changed since it was written. Raises 404."""
    row = await unit.found(ONE_NOTICE, {"id": notice_id}, missing=not_found("Mejlet", "The mail"))
    return NoticeShown.model_validate(dict(row)), row["attempts"] + (row["ended_at"] is not None)
