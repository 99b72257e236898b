"""Reading sessions with their seats. Seats are counted over all municipalities: only in system scope."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.allocation.lock import session_missing
from services.booking.allocation.rules import State, state_at
from services.booking.codes import code_key
from services.booking.sessions.bodies import CancellationShown, OccasionShown, SeatsShown, SessionShown
from shared.clock import day_end, day_start
from shared.database.unit_of_work import Unit

SELECT = """
    SELECT s.*, c.title AS course_title, c.duration_minutes, occasions.shown AS occasions, trainers.ids AS trainers,
           taken.confirmed, taken.waitlisted
      FROM sessions s
      JOIN courses c ON c.code = s.course
     CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('occasion_id', o.id, 'starts_at', o.starts_at, 'ends_at', o.ends_at,
                                            'break_minutes', o.break_minutes) ORDER BY o.starts_at, o.id) AS shown
          FROM occasions o WHERE o.session_id = s.id) AS occasions
     CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(t.trainer_id ORDER BY t.position), '{}') AS ids
          FROM session_trainers t WHERE t.session_id = s.id) AS trainers
     CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE r.status = 'confirmed') AS confirmed,
               count(*) FILTER (WHERE r.status = 'waitlisted') AS waitlisted
          FROM registrations r WHERE r.session_id = s.id AND r.status IN ('confirmed', 'waitlisted')) AS taken
"""
ONE = text(SELECT + " WHERE s.id = :id").columns(occasions=JSONB, seat_shares=JSONB)
# A filter that is not given is null. Free seats are of use only while registrations are taken.
PAGE = text(
    SELECT
    + """
     WHERE (CAST(:course AS text) IS NULL OR s.course = :course OR c.code_key = :course_key)
       AND (CAST(:municipality AS text) IS NULL OR s.host_municipality = :municipality)
       AND (CAST(:begins AS timestamptz) IS NULL OR s.ends_at > :begins)
       AND (CAST(:ends AS timestamptz) IS NULL OR s.starts_at < :ends)
       AND (CAST(:state AS text) IS NULL OR :state = CASE
            WHEN s.state = 'cancelled' THEN 'cancelled' WHEN s.ends_at <= :now THEN 'completed' ELSE 'scheduled' END)
       AND (CAST(:has_free_seats AS boolean) IS NULL
            OR (s.state = 'scheduled' AND taken.confirmed < s.capacity) = :has_free_seats)
       AND (CAST(:after_start AS timestamptz) IS NULL OR (s.starts_at, s.id) > (:after_start, CAST(:after_id AS uuid)))
     ORDER BY s.starts_at, s.id
     LIMIT :fetch
    """
).columns(occasions=JSONB, seat_shares=JSONB)


@dataclass(frozen=True)
class Filter:
    """What a list of sessions is limited to; `from_` and `to` are local days, both inclusive."""

    course: str | None = None
    municipality: str | None = None
    from_: date | None = None
    to: date | None = None
    state: State | None = None
    has_free_seats: bool | None = None

    def parameters(self, now: datetime) -> dict[str, Any]:
        return {
            "course": self.course,
            "course_key": code_key(self.course or ""),
            "municipality": self.municipality,
            "begins": day_start(self.from_) if self.from_ else None,
            "ends": day_end(self.to) if self.to else None,
            "state": self.state.value if self.state else None,
            "has_free_seats": self.has_free_seats,
            "now": now,
        }


@dataclass(frozen=True)
class Found:
    """A session as it is shown, with what its list needs: its place and its revision."""

    shown: SessionShown
    starts_at: datetime
    revision: int


async def find_session(unit: Unit, session_id: UUID) -> Found:
    """One session. Raises 404."""
    async with unit.as_system():
        row = await unit.one_or_none(ONE, {"id": session_id})
    if row is None:
        raise session_missing()
    return _found(row, unit.recorded_at)


async def sessions_page(unit: Unit, wanted: Filter, after: tuple[datetime, UUID] | None, fetch: int) -> list[Found]:
    """Up to `fetch` sessions after a place, in order of their start."""
    start, session_id = after or (None, None)
    place = {"after_start": start, "after_id": session_id, "fetch": fetch}
    async with unit.as_system():
        rows = await unit.all(PAGE, wanted.parameters(unit.recorded_at) | place)
    return [_found(row, unit.recorded_at) for row in rows]


def _found(row: RowMapping, now: datetime) -> Found:
    return Found(session_shown(row, now), row["starts_at"], row["revision"])


def session_shown(row: RowMapping, now: datetime) -> SessionShown:
    confirmed, waitlisted, held = row["confirmed"], row["waitlisted"], 0
    return SessionShown(
        id=row["id"],
        course=row["course"],
        course_title=row["course_title"],
        duration_minutes=row["duration_minutes"],
        host_municipality=row["host_municipality"],
        venue=row["venue"],
        capacity=row["capacity"],
        min_participants=row["min_participants"],
        occasions=[OccasionShown.model_validate(occasion) for occasion in row["occasions"]],
        trainers=row["trainers"],
        seat_shares=row["seat_shares"],
        shares_release_at=row["shares_release_at"],
        registration_opens_at=row["registration_opens_at"],
        cancellation_deadline=row["cancellation_deadline"],
        support=row["support"],
        state=state_at(row["state"], row["ends_at"], now),
        cancellation=_cancellation(row),
        seats=SeatsShown(
            capacity=row["capacity"],
            confirmed=confirmed,
            held=held,
            free=max(0, row["capacity"] - confirmed - held),
            waitlisted=waitlisted,
        ),
    )


def _cancellation(row: RowMapping) -> CancellationShown | None:
    if row["cancelled_at"] is None:
        return None
    return CancellationShown(cause=row["cancel_cause"], note=row["cancel_note"], at=row["cancelled_at"])
