"""Sessions from booking's events: when they take place, who teaches them, whether they are cancelled."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.attendance.occasions.tables import Occasion
from services.attendance.rolls.lock import OPEN
from services.attendance.rolls.tables import Roll
from shared.contracts import booking_v1 as booking
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event

TEACHING = (booking.SessionEvent, booking.TrainerAssigned, booking.TrainerReplaced)
DROP = text(
    "UPDATE occasions SET dropped = true WHERE session_id = ANY (CAST(:sessions AS uuid[])) "
    "AND NOT occasion_id = ANY (CAST(:kept AS uuid[]))"
)


class SessionUnknown(Exception):
    """An event about a session of which no state has been applied: its first event lies among the dead letters."""


def teaching_of(events: Sequence[Event]) -> dict[UUID, list[Event]]:
    """The events about sessions themselves, in order, by session."""
    found: defaultdict[UUID, list[Event]] = defaultdict(list)
    for event in events:
        if isinstance(event.data, TEACHING):
            found[UUID(event.key)].append(event)
    return found


async def follow_sessions(
    unit: Unit, events: Mapping[UUID, Sequence[Event]], rolls: Mapping[UUID, RowMapping]
) -> set[UUID]:
    """Stores the newest state of each session. Returns those whose occasions changed, or that were cancelled."""
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
    cancelled = {state["session_id"] for state in states if state["cancelled"] != _was_cancelled(state, rolls)}
    return cancelled | await _follow_occasions(unit, occasions)


def _was_cancelled(state: Mapping[str, Any], rolls: Mapping[UUID, RowMapping]) -> bool:
    roll = rolls.get(state["session_id"])
    return roll is not None and bool(roll["cancelled"])


def _folded(roll: RowMapping | None, events: Sequence[Event]) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The state of a session after its new events, and its occasions when one of them told; None if all were old."""
    state = dict(roll) if roll is not None else None
    occasions: list[dict[str, Any]] = []
    applied = roll["sequence"] if roll is not None else 0
    newer = [event for event in events if event.sequence > applied]
    for event in newer:
        if isinstance(event.data, booking.SessionEvent):
            state = {**(state or _new_roll()), **_session(event.data)}
            trainers = [str(trainer) for trainer in event.data.trainers]
            occasions = [
                {"session_id": event.data.session_id, "dropped": False, **occasion.model_dump()}
                for occasion in event.data.occasions
            ]
        elif state is None:
            raise SessionUnknown("no session-scheduled of this session has been applied; replay it first")
        else:
            trainers = _trainers(state["trainers"], event)
        state["former_trainers"] = _former(state, trainers, event.time)
        state["trainers"] = trainers
        state["sequence"] = event.sequence
    return (state, occasions) if newer else (None, [])


def _new_roll() -> dict[str, Any]:
    return {
        "state": OPEN,
        "roll_version": 1,
        "content_version": 1,
        "sealed_hash": None,
        "trainers": [],
        "former_trainers": {},
    }


def _session(data: booking.SessionEvent) -> dict[str, Any]:
    return {
        "session_id": data.session_id,
        "course": data.course,
        "course_title": data.course_title,
        "host_municipality": data.host_municipality,
        "venue": data.venue,
        "cancelled": data.state == "cancelled",
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


def _former(state: Mapping[str, Any], trainers: Sequence[str], at: datetime) -> dict[str, str]:
    """Who was taken off the session, and when: their phones may still hold marks made before."""
    left = dict.fromkeys((known for known in state["trainers"] if known not in trainers), at.isoformat())
    return {known: since for known, since in (state["former_trainers"] | left).items() if known not in trainers}


async def _follow_occasions(unit: Unit, occasions: list[dict[str, Any]]) -> set[UUID]:
    """Stores the occasions; returns the sessions where any came, went or moved."""
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
