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

KNOWN = text(
    "SELECT registration_id, registration, sequence FROM roll_entries "
    "WHERE registration_id = ANY (CAST(:ids AS uuid[]))"
)
PEOPLE = text(
    "SELECT session_id, participant_id, registration, after_seal FROM roll_people "
    "WHERE session_id = ANY (CAST(:sessions AS uuid[])) AND participant_id = ANY (CAST(:people AS uuid[]))"
)


def places_of(events: Sequence[Event]) -> set[Place]:
    """Whom events tell of, and on which session."""
    return {
        (event.data.session_id, event.data.participant_id)
        for event in events
        if isinstance(event.data, booking.RegistrationEvent)
    }


async def follow_registrations(
    unit: Unit,
    events: Sequence[Event],
    places: Set[Place],
    became: Mapping[UUID, UUID],
    rolls: Mapping[UUID, RowMapping],
) -> tuple[set[UUID], set[Place], set[Place]]:
    """Stores the newest state of each registration, and who walk-ins turned out to be. `became`: of ids that ended.

    Returns the sessions whose people changed, the people whose marks wait no longer, and those who are new on a roll.
    """
    if not places:
        return set(), set(), set()
    people = {(session_id, became.get(participant_id, participant_id)) for session_id, participant_id in places}
    before = await _people(unit, people)
    newer = await _newer(unit, events)
    for row in newer:
        place = row["session_id"], became.get(row["participant_id"], row["participant_id"])
        row["after_seal"] = _is_after_seal(row, before.get(place), rolls.get(row["session_id"]))
    await _store(unit, newer)
    await _link_walk_ins(unit, events)
    now = await _people(unit, people)
    regrouped = {place[0] for place, row in now.items() if _was_confirmed(before.get(place)) != _is_confirmed(row)}
    arrived = {place for place, row in now.items() if row["registration"] in KNOWN_TO_THE_ROLL}
    return regrouped, arrived, now.keys() - before.keys()


async def _people(unit: Unit, places: Set[Place]) -> dict[Place, RowMapping]:
    asked = {"sessions": sorted({place[0] for place in places}), "people": sorted({place[1] for place in places})}
    found = {(row["session_id"], row["participant_id"]): row for row in await unit.all(PEOPLE, asked)}
    return {place: row for place, row in found.items() if place in places}


async def _newer(unit: Unit, events: Sequence[Event]) -> list[dict[str, Any]]:
    """The newest state of each registration that events in order tell something new of."""
    told = [(event.data, event.sequence) for event in events if isinstance(event.data, booking.RegistrationEvent)]
    rows = await unit.all(KNOWN, {"ids": sorted({data.registration_id for data, _ in told})})
    known: dict[UUID, Mapping[str, Any]] = {row["registration_id"]: dict(row) for row in rows}
    newer: dict[UUID, dict[str, Any]] = {}
    for data, sequence in told:
        before = newer.get(data.registration_id) or known.get(data.registration_id)
        if before is None or sequence > before["sequence"]:
            state = before["registration"] if before else None
            newer[data.registration_id] = registration_of(data, sequence, state)
    return list(newer.values())


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
        changes = {column: statement.excluded[column] for column in rows[0] if column != "registration_id"}
        await unit.execute(statement.on_conflict_do_update(index_elements=["registration_id"], set_=changes), rows)


async def _link_walk_ins(unit: Unit, events: Sequence[Event]) -> None:
    """From every confirmation, also one that something newer has overtaken."""
    told = [event.data for event in events if isinstance(event.data, booking.RegistrationConfirmed)]
    rows = [
        {"walk_in_id": data.walk_in_id, "session_id": data.session_id, "participant_id": data.participant_id}
        for data in told
        if data.walk_in_id is not None
    ]
    if rows:
        await unit.execute(insert(WalkInLink).on_conflict_do_nothing(), rows)
