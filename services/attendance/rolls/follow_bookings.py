"""Rolls from booking's events, a batch at a time: sessions, who is registered on them, and marks that waited for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.attendance.cells.held import held_of, release
from services.attendance.cells.late import LATE, note_late
from services.attendance.cells.overlaps import Key, come_alone, shared_with, stand_on_two_rolls, take_turns
from services.attendance.cells.settle import key_of, settle
from services.attendance.cells.versions import raise_versions
from services.attendance.people.merged import became_of, hold_merges
from services.attendance.rolls.follow_registrations import follow_registrations, places_of
from services.attendance.rolls.follow_sessions import follow_sessions, teaching_of
from services.attendance.rolls.lock import ATTESTED, lock_rolls
from services.attendance.rolls.reopen import reopen
from services.attendance.signatures.void import void_changed
from shared.contracts.attendance_v1 import ReopeningReason
from shared.contracts.booking_v1 import SessionEvent, SessionScheduled
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event
from shared.messaging.outbox import Cause
from shared.messaging.pipeline import TryAgain

CELLS = text(
    "SELECT session_id, participant_id, occasion_id FROM current_cells "
    "WHERE session_id = ANY (CAST(:sessions AS uuid[]))"
)

PEOPLE = text("SELECT session_id, participant_id FROM roll_people WHERE session_id = ANY (CAST(:sessions AS uuid[]))")
UNSEALED = text("SELECT count(*) FROM rolls WHERE session_id = ANY (CAST(:sessions AS uuid[])) AND state <> 'attested'")


@dataclass
class Batch:
    """A batch under way: the rolls that it found, those still sealed, and the event behind each roll's changes."""

    unit: Unit
    rolls: Mapping[UUID, RowMapping]
    causes: Mapping[UUID, Cause]
    sealed: set[UUID] = field(default_factory=set)

    @property
    def versions(self) -> dict[UUID, int]:
        """The roll version that the changes belong to."""
        return {session_id: int(roll["roll_version"]) + 1 for session_id, roll in self.rolls.items()}

    async def break_seals(self, session_ids: set[UUID], reason_code: ReopeningReason) -> None:
        """Reopens those of the rolls that are sealed."""
        for session_id in sorted(session_ids & self.sealed):
            self.unit.cause = self.causes[session_id]
            await reopen(self.unit, session_id, reason_code)
        self.sealed -= session_ids


async def follow_bookings(unit: Unit, events: Sequence[Event]) -> None:
    """Applies a batch. Locks first, all rolls in order of their ids, so that batches and marks never deadlock."""
    ordered = sorted(events, key=lambda event: event.sequence)
    moving = {UUID(event.key) for event in events if _may_move(event)}
    await hold_merges(unit, alone=bool(moving))
    teaching, places = teaching_of(ordered), places_of(ordered)
    if not teaching and not places:
        return
    rolls = await lock_rolls(unit, set(teaching) | {session_id for session_id, _ in places})
    sealed = {session_id for session_id, roll in rolls.items() if roll["state"] == ATTESTED}
    batch = Batch(unit, rolls, {UUID(event.key): event.cause for event in ordered}, sealed)
    became = await became_of(unit, {person for _, person in places})
    here = {became.get(person, person) for _, person in places}
    leaving = {row["participant_id"] for row in await stand_on_two_rolls(unit, await _people_of(unit, moving))}
    await take_turns(unit, here | leaving)
    given_up = await shared_with(unit, await _cells_of(unit, moving), rolls)
    rescheduled = await follow_sessions(unit, teaching, rolls) & set(rolls)
    regrouped, arrived, came = await follow_registrations(unit, ordered, places, became, rolls)
    await come_alone(unit, came | await _people_of(unit, rescheduled), rolls)
    await batch.break_seals(rescheduled, "schedule-changed")
    keys = await release_held(batch, arrived) | await _cells_of(unit, rescheduled)
    # What moves away gives back the minutes that a walk-in had left to it.
    given_back = {theirs for ours, theirs in given_up.pairs if ours[0] in rescheduled}
    free = given_up.open | (set(rolls) - batch.sealed)  # what was sealed at first may have been reopened here since
    await _require_free(unit, {key[0] for key in given_back} - free)
    keys |= {key for key in given_back if key[0] in free}
    settled = await settle(unit, keys, {**batch.versions, **given_up.versions}, batch.causes)
    changed = (rescheduled | regrouped | settled.changed) & {*rolls, *given_up.versions}
    await raise_versions(unit, changed)
    await void_changed(unit, rescheduled, "schedule-changed", batch.causes)


def _may_move(event: Event) -> bool:
    return isinstance(event.data, SessionEvent) and not isinstance(event.data, SessionScheduled)


async def _require_free(unit: Unit, session_ids: set[UUID]) -> None:
    """Raises TryAgain for a roll that is not sealed: somebody else is changing it, and nobody would come back to it."""
    if session_ids and await unit.scalar(UNSEALED, {"sessions": sorted(session_ids)}):
        raise TryAgain


async def release_held(batch: Batch, arrived: set[tuple[UUID, UUID]]) -> set[Key]:
    """Records the marks that waited for people who came onto a roll. Returns their cells.

    What waited when the roll was sealed reopens it; what came after the seal is late.
    """
    marks = [mark for mark in await held_of(batch.unit, arrived) if mark["session_id"] in batch.rolls]
    await batch.break_seals({mark["session_id"] for mark in marks if not mark["after_seal"]}, "late-arrival")
    late = [mark for mark in marks if mark["session_id"] in batch.sealed]
    in_time = [mark for mark in marks if mark["session_id"] not in batch.sealed]
    await release(batch.unit, late, LATE, batch.versions)
    await release(batch.unit, in_time, "recorded", batch.versions)
    await note_late(batch.unit, late)
    return {key_of(mark) for mark in in_time}


async def _people_of(unit: Unit, session_ids: set[UUID]) -> set[tuple[UUID, UUID]]:
    """Who stands on rolls, and may stand on others at the same time."""
    if not session_ids:
        return set()
    rows = await unit.all(PEOPLE, {"sessions": sorted(session_ids)})
    return {(row["session_id"], row["participant_id"]) for row in rows}


async def _cells_of(unit: Unit, session_ids: set[UUID]) -> set[Key]:
    if not session_ids:
        return set()
    return {key_of(row) for row in await unit.all(CELLS, {"sessions": sorted(session_ids)})}
