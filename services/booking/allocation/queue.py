"""Reading the queue of a session, in its order. Only in system scope: a queue is of all municipalities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.booking.allocation.lock import Candidate, candidate_of
from shared.database.unit_of_work import Unit

QUEUE = text(
    """
    SELECT e.id AS entry_id, e.minimum, e.whole, e.place, e.since,
           r.id AS registration_id, r.staff_id, r.participant_id, r.employment_id, r.municipality,
           r.override_reason IS NOT NULL AS overridden
      FROM waiting_entries e
      JOIN registrations r ON r.entry_id = e.id AND r.status = 'waitlisted'
     WHERE e.session_id = :session
     ORDER BY e.place, e.id, r.entry_order
    """
)
LAST_DECISIONS = text(
    """
    SELECT DISTINCT ON (entry_id) entry_id, decision, why, about, needed, available
      FROM queue_decisions WHERE session_id = :session ORDER BY entry_id, id DESC
    """
)
DECISIONS = text(
    """
    SELECT id, entry_id, at, decision, why, about, needed, available, note
      FROM queue_decisions WHERE session_id = :session ORDER BY id
    """
)
POSITIONS = text(
    """
    SELECT r.id AS registration_id,
           (SELECT count(*) FROM waiting_entries ahead
             WHERE ahead.session_id = e.session_id AND (ahead.place, ahead.id) <= (e.place, e.id)) AS position
      FROM registrations r JOIN waiting_entries e ON e.id = r.entry_id
     WHERE r.id = ANY(CAST(:ids AS uuid[])) AND r.status = 'waitlisted'
    """
)
EMPTY = text(
    """
    DELETE FROM waiting_entries e WHERE e.session_id = :session
       AND NOT EXISTS (SELECT 1 FROM registrations r WHERE r.entry_id = e.id AND r.status = 'waitlisted')
    """
)


@dataclass(frozen=True)
class Waiting:
    """A waiting registration. `overridden`: a coordinator set target group and prerequisites aside."""

    registration_id: UUID
    candidate: Candidate
    overridden: bool


@dataclass(frozen=True)
class QueueEntry:
    """One place in the queue with those who wait in it."""

    id: UUID
    minimum: int
    whole: bool
    since: datetime
    members: tuple[Waiting, ...]


async def load_queue(unit: Unit, session_id: UUID) -> list[QueueEntry]:
    """The queue from its head."""
    rows = await unit.all(QUEUE, {"session": session_id})
    return [_entry(list(members)) for _, members in groupby(rows, key=lambda row: row["entry_id"])]


def _entry(rows: Sequence[RowMapping]) -> QueueEntry:
    first = rows[0]
    return QueueEntry(
        first["entry_id"], first["minimum"], first["whole"], first["since"], tuple(_waiting(row) for row in rows)
    )


def _waiting(row: RowMapping) -> Waiting:
    return Waiting(row["registration_id"], candidate_of(row), row["overridden"])


async def positions(unit: Unit, registration_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Queue positions, counted from 1, of those of the registrations that wait."""
    if not registration_ids:
        return {}
    rows = await unit.all(POSITIONS, {"ids": list(registration_ids)})
    return {row["registration_id"]: row["position"] for row in rows}


async def forget_empty_entries(unit: Unit, session_id: UUID) -> None:
    """Removes entries whose members have all left the queue."""
    await unit.execute(EMPTY, {"session": session_id})
