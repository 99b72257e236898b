"""Who employs whom, from booking's events. An erasure takes the person's placements with it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from services.attendance.placements.tables import Employer
from shared.contracts.participants_v1 import ParticipantChanged
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event

KEPT = {"employment_id", "municipality", "kind", "valid_from", "valid_to"}
OF_ERASED = (
    "participant_id = ANY (CAST(:people AS uuid[])) OR participant_id IN "
    "(SELECT ended FROM merged_participants WHERE became = ANY (CAST(:people AS uuid[])))"
)
FORGET = (
    text(f"DELETE FROM weekly_notes WHERE placement_id IN (SELECT id FROM placements WHERE {OF_ERASED})"),  # noqa: S608
    text(f"DELETE FROM placements WHERE {OF_ERASED}"),  # noqa: S608
)


async def follow_participants(unit: Unit, events: Sequence[Event]) -> None:
    """The newest state of each person; what is older than what is stored changes nothing."""
    newest: dict[str, Event] = {}
    for event in events:
        merged = event.data is not None and not isinstance(event.data, ParticipantChanged)
        if not merged and (event.key not in newest or newest[event.key].sequence < event.sequence):
            newest[event.key] = event
    if not newest:
        return
    statement = insert(Employer)
    newer = statement.excluded["sequence"] > Employer.__table__.c.sequence  # type: ignore[attr-defined]  # SQLModel does not declare it
    changes = {name: statement.excluded[name] for name in ("employments", "sequence")}
    keep = statement.on_conflict_do_update(index_elements=["participant_id"], set_=changes, where=newer)
    await unit.execute(keep, [_row(event) for event in newest.values()])
    erased = sorted(key for key, event in newest.items() if _is_erased(event))
    if erased:
        for forget in FORGET:
            await unit.execute(forget, {"people": erased})


def _is_erased(event: Event) -> bool:
    return not isinstance(event.data, ParticipantChanged) or bool(event.data.erased)


def _row(event: Event) -> dict[str, Any]:
    known = event.data.employments if isinstance(event.data, ParticipantChanged) and not event.data.erased else ()
    employments = [one.model_dump(mode="json", include=KEPT, exclude_none=True) for one in known]
    return {"participant_id": event.key, "employments": employments, "sequence": event.sequence}
