"""The lock of a session: whoever decides about its seats holds it until commit.

Order of all locks in booking: sessions by id, then persons by participant id, then rows of the vault, then rows of
participants. A lock that does not come within the lock timeout is answered 503 with Retry-After (`shared.web.errors`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.booking.allocation.problems import session_missing
from services.booking.allocation.rules import State, shares_end, state_at, unreleased_shares
from services.booking.allocation.tables import Session
from shared.clock import local_day
from shared.database.conditions import among
from shared.database.unit_of_work import Unit

PERSONS = 5226  # first key of the advisory locks of persons, so that no other kind of lock meets them


@dataclass(frozen=True)
class LockedSession:
    """A session as it is while its lock is held."""

    id: UUID
    course: str
    venue: str
    capacity: int
    min_participants: int | None
    seat_shares: Mapping[str, int]
    shares_release_at: datetime | None
    shares_released_at: datetime | None
    lapse_due_at: datetime | None
    registration_opens_at: datetime | None
    cancellation_deadline: datetime
    starts_at: datetime
    ends_at: datetime
    state: str
    revision: int

    @property
    def first_day(self) -> date:
        return local_day(self.starts_at)

    def state_at(self, at: datetime) -> State:
        return state_at(self.state, self.ends_at, at)

    def has_started(self, at: datetime) -> bool:
        return self.starts_at <= at

    def shares_at(self, at: datetime) -> Mapping[str, int]:
        return unreleased_shares(self.seat_shares, shares_end(self.shares_release_at, self.starts_at), at)


@dataclass(frozen=True)
class Candidate:
    """A staff row: one person on behalf of one employment."""

    staff_id: UUID
    participant_id: UUID
    employment_id: UUID
    municipality: str


def candidate_of(row: RowMapping) -> Candidate:
    """Who a stored registration is about."""
    return Candidate(row["staff_id"], row["participant_id"], row["employment_id"], row["municipality"])


FIELDS = tuple(LockedSession.__dataclass_fields__)
READ = select(*(getattr(Session, name) for name in FIELDS))
LOCK = READ.with_for_update(key_share=True)

# One round trip for what every registration begins with. The persons are locked only after the session (they are joined
# to its locked row), in order of participant id, so that one person's two requests for overlapping sessions wait for
# each other. Row-level security lets a municipality find its own staff only.
LOCK_WITH_PERSONS = """
    WITH locked AS MATERIALIZED (
        SELECT * FROM sessions WHERE id = $1 FOR NO KEY UPDATE
    ), person AS MATERIALIZED (
        SELECT staff.id, staff.participant_id, staff.employment_id, staff.municipality
          FROM locked CROSS JOIN staff WHERE staff.id = ANY(CAST($2 AS uuid[])) AND NOT staff.erased
         ORDER BY staff.participant_id
    ), guarded AS MATERIALIZED (
        SELECT person.*, CAST(pg_advisory_xact_lock($3, hashtext(CAST(participant_id AS text))) AS text)
          FROM person
    )
    SELECT locked.*, found.* FROM locked CROSS JOIN (
        SELECT array_agg(id) AS staff, array_agg(participant_id) AS participants,
               array_agg(employment_id) AS employments, array_agg(municipality) AS municipalities
          FROM guarded) AS found
"""
# What is free of them, for acts that share a transaction: who waits within it holds up all the others.
LOCK_FREE = "SELECT * FROM sessions WHERE id = ANY(CAST($1 AS uuid[])) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
EXISTING = "SELECT id FROM sessions WHERE id = ANY(CAST($1 AS uuid[]))"
LOCK_FREE_PERSONS = """
    SELECT id, participant_id, employment_id, municipality,
           pg_try_advisory_xact_lock($2, hashtext(CAST(participant_id AS text))) AS free
      FROM staff WHERE id = ANY(CAST($1 AS uuid[])) AND NOT erased
"""
LOCK_PERSONS = text(
    "SELECT count(pg_advisory_xact_lock(:persons, hashtext(id))) "
    "FROM (SELECT unnest(CAST(:ids AS text[])) AS id ORDER BY 1) AS person"
)


async def lock_session(unit: Unit, session_id: UUID) -> LockedSession:
    """Lock one session until commit. Raises 404."""
    [session] = await lock_sessions(unit, [session_id])
    return session


async def lock_sessions(unit: Unit, session_ids: Iterable[UUID]) -> list[LockedSession]:
    """Lock several sessions until commit, always in the same order. Raises 404 when one does not exist."""
    wanted = sorted(set(session_ids))
    rows = await unit.all(LOCK.where(among(col(Session.id), wanted)).order_by(col(Session.id)))
    if len(rows) < len(wanted):
        raise session_missing()
    return [session_of(row) for row in rows]


async def lock_session_and_persons(
    unit: Unit, session_id: UUID, staff: Sequence[UUID]
) -> tuple[LockedSession, list[Candidate]]:
    """Lock a session, then the persons of these staff rows; returns those that the caller may see. Raises 404."""
    rows = await unit.fetch(LOCK_WITH_PERSONS, session_id, list(staff), PERSONS)
    if not rows:
        raise session_missing()
    [row] = rows
    columns = (row[name] or () for name in ("staff", "participants", "employments", "municipalities"))
    return session_of(row), [Candidate(*found) for found in zip(*columns, strict=True)]


async def lock_free_sessions(unit: Unit, session_ids: Iterable[UUID]) -> tuple[dict[UUID, LockedSession], set[UUID]]:
    """Lock those of the sessions that nobody else has locked, until commit; returns them, and which are locked by
    somebody else. One that is in neither does not exist.
    """
    wanted = sorted(set(session_ids))
    locked = {row["id"]: session_of(row) for row in await unit.fetch(LOCK_FREE, wanted)}
    missed = [each for each in wanted if each not in locked]
    return locked, {row["id"] for row in await unit.fetch(EXISTING, missed)} if missed else set()


async def lock_free_persons(unit: Unit, staff: Iterable[UUID]) -> tuple[list[Candidate], set[UUID]]:
    """Lock the persons of these staff rows as far as nobody else has; returns those that the caller may see, and the
    participants among them that are locked by somebody else. Only while the sessions' locks are held.
    """
    rows = await unit.fetch(LOCK_FREE_PERSONS, list(staff), PERSONS)
    found = [Candidate(row["id"], row["participant_id"], row["employment_id"], row["municipality"]) for row in rows]
    return found, {row["participant_id"] for row in rows if not row["free"]}


async def read_session(unit: Unit, session_id: UUID) -> LockedSession:
    """The same values without the lock: to explain, never to decide. Raises 404."""
    row = await unit.found(READ.where(col(Session.id) == session_id), missing=session_missing())
    return session_of(row)


async def lock_persons(unit: Unit, participant_ids: Iterable[UUID]) -> None:
    """Lock persons until commit: nobody else books them meanwhile. Only while the session's lock is held."""
    await unit.execute(LOCK_PERSONS, {"persons": PERSONS, "ids": [str(person) for person in participant_ids]})


def session_of(row: RowMapping | Mapping[str, Any]) -> LockedSession:
    return LockedSession(**{name: row[name] for name in FIELDS})
