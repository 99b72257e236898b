"""Reading sessions with their seats. Seats are counted over all municipalities: only in system scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.allocation.blackouts import BlackedOut, blackouts_of
from services.booking.allocation.bookable import bookable
from services.booking.allocation.lock import session_of
from services.booking.allocation.problems import session_missing
from services.booking.allocation.rules import State, state_at
from services.booking.allocation.taken import by_municipality, seats_of
from services.booking.blackouts.bodies import WarningShown
from services.booking.catalogue.queries import municipality_names
from services.booking.sessions.bodies import CancellationShown, OccasionShown, SeatsShown, SessionShown
from services.booking.trainers.queries import trainer_names
from shared.clock import day_end, day_start
from shared.codes import code_key
from shared.database.unit_of_work import Unit
from shared.security.roles import Role

SELECT = """
    SELECT s.*, c.title AS course_title, c.duration_minutes, occasions.shown AS occasions, trainers.ids AS trainers,
           taken.confirmed, taken.held, taken.waitlisted, taken.by_municipality,
           BLACKOUTS AS blackouts
      FROM CHOSEN s
      JOIN courses c ON c.code = s.course
     CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('occasion_id', o.id, 'starts_at', o.starts_at, 'ends_at', o.ends_at,
                                            'break_minutes', o.break_minutes) ORDER BY o.starts_at, o.id) AS shown
          FROM occasions o WHERE o.session_id = s.id) AS occasions
     CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(t.trainer_id ORDER BY t.position), '{}') AS ids
          FROM session_trainers t WHERE t.session_id = s.id) AS trainers
     CROSS JOIN LATERAL (
        SELECT coalesce(sum(seats) FILTER (WHERE what = 'confirmed'), 0)::integer AS confirmed,
               coalesce(sum(seats) FILTER (WHERE what = 'held'), 0)::integer AS held,
               coalesce(sum(seats) FILTER (WHERE what = 'waitlisted'), 0)::integer AS waitlisted,
               coalesce(jsonb_agg(jsonb_build_array(municipality, seats)) FILTER (WHERE what <> 'waitlisted'), '[]')
                   AS by_municipality
          FROM (SEATS) AS each) AS taken
""".replace("SEATS", seats_of("s.id", ":now")).replace("BLACKOUTS", blackouts_of("s.id"))
JSON = {"blackouts": JSONB, "occasions": JSONB, "seat_shares": JSONB, "by_municipality": JSONB}
ONE = text(SELECT.replace("CHOSEN", "sessions") + " WHERE s.id = :id").columns(**JSON)
# The page first, then what is counted for each of it. A filter that is not given is null.
PAGE_OF = """
    (SELECT s.* FROM sessions s JOIN courses c ON c.code = s.course
     WHERE (CAST(:course AS text) IS NULL OR s.course = :course OR c.code_key = :course_key)
       AND (CAST(:municipality AS text) IS NULL OR s.host_municipality = :municipality)
       AND (CAST(:begins AS timestamptz) IS NULL OR s.ends_at > :begins)
       AND (CAST(:ends AS timestamptz) IS NULL OR s.starts_at < :ends)
       AND (CAST(:state AS text) IS NULL OR :state = CASE
            WHEN s.state = 'cancelled' THEN 'cancelled' WHEN s.ends_at <= :now THEN 'completed' ELSE 'scheduled' END)
       AND (CAST(:after_start AS timestamptz) IS NULL
            OR (s.starts_at, s.id) {0} (:after_start, CAST(:after_id AS uuid)))
     ORDER BY s.starts_at {1}, s.id {1}
     LIMIT :fetch)"""
ORDERED = " ORDER BY s.starts_at {1}, s.id {1}"


def _page_in(*order: str) -> Any:
    chosen = SELECT.replace("CHOSEN", PAGE_OF.format(*order)) + ORDERED.format(*order)
    return text(chosen).columns(**JSON)


PAGE, LATEST_FIRST = _page_in(">", "ASC"), _page_in("<", "DESC")


@dataclass(frozen=True)
class Filter:
    """What a list of sessions is limited to, and its order; `from_` and `to` are local days, both inclusive."""

    course: str | None = None
    municipality: str | None = None
    from_: date | None = None
    to: date | None = None
    state: State | None = None
    has_free_seats: bool | None = None
    latest_first: bool = False

    def parameters(self, now: datetime) -> dict[str, Any]:
        return {
            "course": self.course,
            "course_key": code_key(self.course or ""),
            "municipality": self.municipality,
            "begins": day_start(self.from_) if self.from_ else None,
            "ends": day_end(self.to) if self.to else None,
            "state": self.state.value if self.state else None,
            "now": now,
        }


@dataclass(frozen=True)
class Found:
    """A session as it is shown, with what its list needs: its place, its revision, and what the caller could book."""

    shown: SessionShown
    starts_at: datetime
    revision: int
    bookable: int


async def find_session(unit: Unit, session_id: UUID) -> Found:
    """One session. Raises 404."""
    async with unit.as_system():
        row = await unit.found(ONE, {"id": session_id, "now": unit.recorded_at}, missing=session_missing())
        return await _found(unit, row)


async def sessions_page(unit: Unit, wanted: Filter, after: tuple[datetime, UUID] | None, fetch: int) -> list[Found]:
    """Up to `fetch` sessions after a place, in order of their start, or the latest first."""
    found: list[Found] = []
    async with unit.as_system():
        while len(found) < fetch:
            rows = await _page(unit, wanted, after, fetch)
            for row in rows:
                each = await _found(unit, row)
                if wanted.has_free_seats in (None, each.bookable > 0):
                    found.append(each)
            if len(rows) < fetch:
                break
            after = rows[-1]["starts_at"], rows[-1]["id"]
    return found[:fetch]


async def _page(unit: Unit, wanted: Filter, after: tuple[datetime, UUID] | None, fetch: int) -> Sequence[RowMapping]:
    start, session_id = after or (None, None)
    place = {"after_start": start, "after_id": session_id, "fetch": fetch}
    return await unit.all(LATEST_FIRST if wanted.latest_first else PAGE, wanted.parameters(unit.recorded_at) | place)


async def _found(unit: Unit, row: RowMapping) -> Found:
    caller = unit.municipality
    could_get = await bookable(
        unit,
        session_of(row),
        by_municipality(row["by_municipality"]),
        unit.recorded_at,
        queued=row["waitlisted"] > 0,
        municipality=caller,
    )
    shown = session_shown(row, unit.recorded_at, could_get, sees_seats=_sees_seats(unit, row))
    shown.warnings = _warnings(unit, row)
    return Found(shown, row["starts_at"], row["revision"], could_get)


def _warnings(unit: Unit, row: RowMapping) -> list[WarningShown]:
    """Who plans sees the blackouts of all, a municipality its own, nobody else any."""
    if unit.role not in (Role.COORDINATOR, Role.MUNICIPALITY):
        return []
    found = BlackedOut.all(row["blackouts"])
    return [WarningShown(**vars(each)) for each in found if unit.municipality in (None, each.municipality)]


def _sees_seats(unit: Unit, row: RowMapping) -> bool:
    if unit.role is Role.TRAINER:
        return unit.caller is not None and unit.caller.trainer_id in row["trainers"]
    return unit.role in (None, Role.COORDINATOR, Role.MUNICIPALITY)


def session_shown(row: RowMapping, now: datetime, could_get: int, *, sees_seats: bool) -> SessionShown:
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
        cancellation=_cancellation(row, with_note=sees_seats),
        seats=_seats(row, could_get) if sees_seats else None,
    )


def _seats(row: RowMapping, could_get: int) -> SeatsShown:
    capacity, confirmed, held = row["capacity"], row["confirmed"], row["held"]
    return SeatsShown(
        capacity=capacity,
        confirmed=confirmed,
        held=held,
        free=max(0, capacity - confirmed - held),
        bookable=could_get,
        waitlisted=row["waitlisted"],
    )


def _cancellation(row: RowMapping, *, with_note: bool) -> CancellationShown | None:
    if row["cancelled_at"] is None:
        return None
    note = row["cancel_note"] if with_note else None
    return CancellationShown(cause=row["cancel_cause"], note=note, at=row["cancelled_at"])


@dataclass(frozen=True)
class Arrangements:
    """What the office has arranged for a session, by name."""

    trainers: Sequence[str]
    shares: Mapping[str, int]


async def arrangements(unit: Unit, session: SessionShown) -> Arrangements:
    """Who teaches a session, in order, and the seats that are guaranteed, by the municipality's name."""
    names = await trainer_names(unit, session.trainers)
    municipalities = await municipality_names(unit)
    shares = {municipalities.get(code, code): seats for code, seats in session.seat_shares.items()}
    return Arrangements([names[each] for each in session.trainers], shares)
