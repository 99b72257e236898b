"""Rolls from booking's events, a batch at a time: sessions, who is registered on them, and marks that waited for it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.attendance.cells.held import release_held
from services.attendance.cells.overlaps import Key
from services.attendance.cells.settle import settle
from services.attendance.cells.tables import Cell
from services.attendance.occasions.tables import Occasion
from services.attendance.rolls.lock import ATTESTED, OPEN, lock_rolls
from services.attendance.rolls.registrations import CONFIRMED, KNOWN_TO_THE_ROLL, registration_of
from services.attendance.rolls.tables import Roll, RollEntry
from shared.contracts import booking_v1 as booking
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event
from shared.messaging.outbox import Cause

TEACHING = (booking.SessionEvent, booking.TrainerAssigned, booking.TrainerReplaced)
ENTRIES = text(
    "SELECT session_id, participant_id, registration, sequence FROM roll_entries "
    "WHERE session_id = ANY (CAST(:sessions AS uuid[])) AND participant_id = ANY (CAST(:participants AS uuid[]))"
)
DROP = text(
    "UPDATE occasions SET dropped = true WHERE session_id = ANY (CAST(:sessions AS uuid[])) "
    "AND NOT occasion_id = ANY (CAST(:kept AS uuid[]))"
)
VERSIONS = text(
    "UPDATE rolls SET roll_version = roll_version + 1, content_version = roll_version + 1 "
    "WHERE session_id = ANY (CAST(:sessions AS uuid[]))"
)


class SessionUnknown(Exception):
    """An event about a session of which no state has been applied: its first event lies among the dead letters."""


async def follow_bookings(unit: Unit, events: Sequence[Event]) -> None:
    """Applies a batch. Locks first, all rolls in order of their ids, so that batches and marks never deadlock."""
    teaching: defaultdict[UUID, list[Event]] = defaultdict(list)
    registrations: dict[tuple[UUID, UUID], dict[str, Any]] = {}
    for event in sorted(events, key=lambda event: event.sequence):
        if isinstance(event.data, TEACHING):
            teaching[UUID(event.key)].append(event)
        elif isinstance(event.data, booking.RegistrationEvent):
            row = registration_of(event.data, event.sequence)
            registrations[row["session_id"], row["participant_id"]] = row
    if not teaching and not registrations:
        return
    session_ids = set(teaching) | {session_id for session_id, _ in registrations}
    rolls = await lock_rolls(unit, session_ids)
    rescheduled = await _follow_sessions(unit, teaching, rolls)
    regrouped, released_to = await _follow_registrations(unit, list(registrations.values()))
    causes = {UUID(event.key): event.cause for event in events}
    await _settle(unit, rolls, rescheduled, regrouped, released_to, causes)


async def _settle(
    unit: Unit,
    rolls: Mapping[UUID, RowMapping],
    rescheduled: set[UUID],
    regrouped: set[UUID],
    released_to: list[dict[str, Any]],
    causes: Mapping[UUID, Cause],
) -> None:
    """Works out the cells that the batch touched. What is sealed stays as it was sealed."""
    versions = {session_id: int(roll["roll_version"]) + 1 for session_id, roll in rolls.items()}
    arrived = [entry for entry in released_to if entry["registration"] in KNOWN_TO_THE_ROLL]
    keys = await release_held(unit, [entry for entry in arrived if entry["session_id"] in rolls], versions)
    unsealed = {session_id for session_id in rescheduled & set(rolls) if rolls[session_id]["state"] != ATTESTED}
    keys |= await _cells_of(unit, unsealed)
    settled = await settle(unit, keys, versions, causes)
    changed = (rescheduled | regrouped | settled.changed) & set(rolls)
    if changed:
        await unit.execute(VERSIONS, {"sessions": sorted(changed)})


async def _cells_of(unit: Unit, session_ids: set[UUID]) -> set[Key]:
    if not session_ids:
        return set()
    columns = (col(Cell.session_id), col(Cell.participant_id), col(Cell.occasion_id))
    rows = await unit.all(select(*columns).where(among(col(Cell.session_id), session_ids)))
    return {(row["session_id"], row["participant_id"], row["occasion_id"]) for row in rows}


# --- sessions
# --------------------------------------------------------------------------------------------------------


async def _follow_sessions(
    unit: Unit, events: Mapping[UUID, Sequence[Event]], rolls: Mapping[UUID, RowMapping]
) -> set[UUID]:
    """Stores the newest state of each session; answers those whose occasions changed."""
    states: list[dict[str, Any]] = []
    occasions: list[dict[str, Any]] = []
    for session_id, of_session in events.items():
        state, dates = _folded(rolls.get(session_id), of_session)
        if state is not None:
            states.append(state)
            occasions += dates
    if not states:
        return set()
    statement = insert(Roll)
    kept = {"session_id", "state", "roll_version", "content_version"}
    changes = {column: statement.excluded[column] for column in states[0] if column not in kept}
    await unit.execute(statement.on_conflict_do_update(index_elements=["session_id"], set_=changes), states)
    return await _follow_occasions(unit, occasions)


def _folded(roll: RowMapping | None, events: Sequence[Event]) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The state of a session after its new events, and its occasions when one of them told; None if all were old."""
    state = dict(roll) if roll is not None else None
    occasions: list[dict[str, Any]] = []
    applied = roll["sequence"] if roll is not None else 0
    newer = [event for event in events if event.sequence > applied]
    for event in newer:
        if isinstance(event.data, booking.SessionEvent):
            state = {**(state or _new_roll()), **_session(event.data)}
            occasions = [
                {"session_id": event.data.session_id, "dropped": False, **occasion.model_dump()}
                for occasion in event.data.occasions
            ]
        elif state is None:
            raise SessionUnknown("no session-scheduled of this session has been applied; replay it first")
        else:
            state["trainers"] = _trainers(state["trainers"], event)
        state["sequence"] = event.sequence
    return (state, occasions) if newer else (None, [])


def _new_roll() -> dict[str, Any]:
    return {"state": OPEN, "roll_version": 1, "content_version": 1, "sealed_hash": None}


def _session(data: booking.SessionEvent) -> dict[str, Any]:
    return {
        "session_id": data.session_id,
        "course": data.course,
        "course_title": data.course_title,
        "host_municipality": data.host_municipality,
        "venue": data.venue,
        "cancelled": data.state == "cancelled",
        "trainers": [str(trainer) for trainer in data.trainers],
        "starts_at": min(occasion.starts_at for occasion in data.occasions),
        "ends_at": max(occasion.ends_at for occasion in data.occasions),
    }


def _trainers(trainers: Sequence[str], event: Event) -> list[str]:
    if isinstance(event.data, booking.TrainerAssigned):
        return [*(known for known in trainers if known != str(event.data.trainer_id)), str(event.data.trainer_id)]
    if isinstance(event.data, booking.TrainerReplaced):
        left, came = str(event.data.from_), str(event.data.to)
        return [*(known for known in trainers if known not in (left, came)), came]
    return list(trainers)


async def _follow_occasions(unit: Unit, occasions: list[dict[str, Any]]) -> set[UUID]:
    """Stores the occasions; answers the sessions where any came, went or moved."""
    if not occasions:
        return set()
    session_ids = {row["session_id"] for row in occasions}
    known = await unit.all(select(Occasion).where(among(col(Occasion.session_id), session_ids)))
    before = {_dates(row) for row in known if not row["dropped"]}
    after = {_dates(row) for row in occasions}
    changed: set[UUID] = {dates[0] for dates in before ^ after}
    if changed:
        statement = insert(Occasion)
        changes = {column: statement.excluded[column] for column in occasions[0] if column != "occasion_id"}
        await unit.execute(statement.on_conflict_do_update(index_elements=["occasion_id"], set_=changes), occasions)
        kept = [row["occasion_id"] for row in occasions]
        await unit.execute(DROP, {"sessions": sorted(changed), "kept": kept})
    return changed


def _dates(row: Mapping[str, Any] | RowMapping) -> tuple[Any, ...]:
    return row["session_id"], row["occasion_id"], row["starts_at"], row["ends_at"], row["break_minutes"]


# --- registrations
# ---------------------------------------------------------------------------------------------------


async def _follow_registrations(unit: Unit, rows: list[dict[str, Any]]) -> tuple[set[UUID], list[dict[str, Any]]]:
    """Stores the newest state of each registration; answers the sessions whose people changed, and the new entries."""
    if not rows:
        return set(), []
    places = {
        "sessions": sorted({row["session_id"] for row in rows}),
        "participants": sorted({row["participant_id"] for row in rows}),
    }
    before = {(row["session_id"], row["participant_id"]): row for row in await unit.all(ENTRIES, places)}
    newer = [row for row in rows if _is_newer(row, before.get((row["session_id"], row["participant_id"])))]
    if newer:
        statement = insert(RollEntry)
        keys = ("session_id", "participant_id")
        changes = {column: statement.excluded[column] for column in newer[0] if column not in keys}
        await unit.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), newer)
    regrouped: set[UUID] = set()
    for row in newer:
        known = before.get((row["session_id"], row["participant_id"]))
        was = known is not None and known["registration"] == CONFIRMED
        if was != (row["registration"] == CONFIRMED):
            regrouped.add(row["session_id"])
    return regrouped, newer


def _is_newer(row: Mapping[str, Any], known: RowMapping | None) -> bool:
    return known is None or bool(row["sequence"] > known["sequence"])
