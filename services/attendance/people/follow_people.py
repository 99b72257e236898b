"""Contact data from the encrypted `people` topic. A tombstone erases what its key names."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from services.attendance.people.tables import Person, SupportNeed, TrainerContact
from services.attendance.tables import AttendanceTable
from shared.contracts import upcast
from shared.contracts.people_v1 import PersonChanged, SupportNoted, TrainerContactChanged
from shared.contracts.people_v2 import PersonChangedV2
from shared.contracts.signatures_v1 import ErasureApplied
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event

FORGET_ADDRESS = text("UPDATE mails SET recipient = NULL WHERE person_id = :person")
CONTACT = {"given_name", "family_name", "email", "phone", "manager_email"}


async def follow_people(unit: Unit, events: Sequence[Event]) -> None:
    """Applies the newest event of each key; older ones than what is stored change nothing."""
    newest: dict[str, Event] = {}
    for event in events:
        if event.key not in newest or newest[event.key].sequence < event.sequence:
            newest[event.key] = event
    kinds: dict[str, list[tuple[UUID, Event]]] = {"person": [], "trainer": [], "support": []}
    for key, event in newest.items():
        kind, _, name = key.partition("/")
        kinds[kind].append((UUID(name), event))
    await _keep(unit, Person, "participant_id", [_person(*named) for named in kinds["person"]])
    await _keep(unit, TrainerContact, "trainer_id", [_trainer(*named) for named in kinds["trainer"]])
    await _keep(unit, SupportNeed, "registration_id", [_support(*named) for named in kinds["support"]])
    await _answer_erasures(unit, events)


def _person(participant_id: UUID, event: Event) -> dict[str, Any]:
    row: dict[str, Any] = {"participant_id": participant_id, "sequence": event.sequence}
    if not isinstance(event.data, (PersonChanged, PersonChangedV2)):
        return row | {"contacts": {}, "language": None, "protected": False, "erased": True}
    data = upcast.person_changed(event.data)
    contacts = {str(each.employment_id): each.model_dump(include=CONTACT, exclude_none=True) for each in data.contacts}
    return row | {"contacts": contacts, "language": data.language, "protected": data.protected, "erased": False}


def _trainer(trainer_id: UUID, event: Event) -> dict[str, Any]:
    known = event.data if isinstance(event.data, TrainerContactChanged) else None
    return {
        "trainer_id": trainer_id,
        "name": known and known.name,
        "email": known and known.email,
        "sequence": event.sequence,
    }


def _support(registration_id: UUID, event: Event) -> dict[str, Any]:
    known = event.data if isinstance(event.data, SupportNoted) else None
    return {
        "registration_id": registration_id,
        "session_id": known and known.session_id,
        "needs": list(known.needs) if known else [],
        "sequence": event.sequence,
    }


async def _keep(unit: Unit, table: type[AttendanceTable], key: str, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(table)
    newer = statement.excluded["sequence"] > table.__table__.c.sequence  # type: ignore[attr-defined]  # SQLModel does not declare it
    changes = {column: statement.excluded[column] for column in rows[0] if column != key}
    await unit.execute(statement.on_conflict_do_update(index_elements=[key], set_=changes, where=newer), rows)


async def _answer_erasures(unit: Unit, events: Iterable[Event]) -> None:
    """Also of somebody who is back by the end of the batch: each erasure waits for its own answer."""
    for event in events:
        kind, _, name = event.key.partition("/")
        if kind == "person" and event.data is None:
            await unit.execute(FORGET_ADDRESS, {"person": UUID(name)})
            unit.cause = event.cause
            unit.emit(ErasureApplied(participant_id=UUID(name)))
