"""Who is on a roll, from booking's events."""

from collections.abc import Mapping, Sequence, Set
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import insert

from services.attendance.rolls.lock import OPEN
from services.attendance.rolls.registrations import CONFIRMED, KNOWN_TO_THE_ROLL, registration_of
from services.attendance.rolls.tables import RollEntry, WalkInLink
from shared.contracts import booking_v1 as booking
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event

Place = tuple[UUID, UUID]
"""Session and person."""

ENTRIES = text(
    "SELECT session_id, participant_id, registration, after_seal, sequence FROM roll_entries "
    "WHERE session_id = ANY (CAST(:sessions AS uuid[])) AND participant_id = ANY (CAST(:participants AS uuid[]))"
)


def places_of(events: Sequence[Event]) -> set[Place]:
    """Whom events tell of, and on which session."""
    return {
        (event.data.session_id, event.data.participant_id)
        for event in events
        if isinstance(event.data, booking.RegistrationEvent)
    }


def registrations_of(events: Sequence[Event], before: Mapping[Place, RowMapping]) -> dict[Place, dict[str, Any]]:
    """The newest state of each registration that events in order tell something new of."""
    found: dict[Place, dict[str, Any]] = {}
    for event in events:
        if isinstance(event.data, booking.RegistrationEvent):
            place = event.data.session_id, event.data.participant_id
            known = found.get(place) or before.get(place)
            if known is None or event.sequence > known["sequence"]:
                found[place] = registration_of(event.data, event.sequence, known["registration"] if known else None)
    return found


async def follow_registrations(
    unit: Unit,
    events: Sequence[Event],
    places: Set[Place],
    rolls: Mapping[UUID, RowMapping],
) -> tuple[set[UUID], set[Place]]:
    """Stores the newest state of each registration, and who walk-ins turned out to be.

    Returns the sessions whose people changed, and the people whose marks wait no longer.
    """
    if not places:
        return set(), set()
    before = await _entries(unit, places)
    newer = registrations_of(events, before)
    for place, row in newer.items():
        row["after_seal"] = _is_after_seal(row, before.get(place), rolls.get(place[0]))
    await _store(unit, list(newer.values()))
    identified = await _link_walk_ins(unit, events)
    regrouped = {place[0] for place, row in newer.items() if _was_confirmed(before.get(place)) != _is_confirmed(row)}
    now = {**before, **newer}
    arrived = {place for place in {*newer, *identified} if now[place]["registration"] in KNOWN_TO_THE_ROLL}
    return regrouped, arrived


async def _entries(unit: Unit, places: Set[Place]) -> dict[Place, Any]:
    parameters = {
        "sessions": sorted({session_id for session_id, _ in places}),
        "participants": sorted({person for _, person in places}),
    }
    rows = await unit.all(ENTRIES, parameters)
    return {(row["session_id"], row["participant_id"]): row for row in rows}


def _is_after_seal(row: Mapping[str, Any], known: RowMapping | None, roll: RowMapping | None) -> bool:
    """Whether somebody came to be confirmed when the roll had been attested: nobody expected them then."""
    if _is_confirmed(row) and not _was_confirmed(known):
        return roll is not None and roll["state"] != OPEN
    return known is not None and bool(known["after_seal"])


def _was_confirmed(known: RowMapping | None) -> bool:
    return known is not None and _is_confirmed(known)


def _is_confirmed(row: Mapping[str, Any] | RowMapping) -> bool:
    return bool(row["registration"] == CONFIRMED)


async def _store(unit: Unit, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        statement = insert(RollEntry)
        keys = ("session_id", "participant_id")
        changes = {column: statement.excluded[column] for column in rows[0] if column not in keys}
        await unit.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), rows)


async def _link_walk_ins(unit: Unit, events: Sequence[Event]) -> set[Place]:
    """From every confirmation, also one that something newer has overtaken."""
    told = [event.data for event in events if isinstance(event.data, booking.RegistrationConfirmed)]
    rows = [
        {"walk_in_id": data.walk_in_id, "session_id": data.session_id, "participant_id": data.participant_id}
        for data in told
        if data.walk_in_id is not None
    ]
    if rows:
        await unit.execute(insert(WalkInLink).on_conflict_do_nothing(), rows)
    return {(data.session_id, data.participant_id) for data in told if data.walk_in_id is not None}
