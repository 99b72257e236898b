"""Opening and closing conflicts as the cells change."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from services.attendance.cells.overlaps import Key
from services.attendance.cells.tables import ConflictRow
from shared.database.unit_of_work import Unit


@dataclass(frozen=True)
class Contradiction:
    """Why a cell counts for nothing: `marks` that say different things, or an `overlap` with another session."""

    kind: str
    marks: tuple[UUID, ...]


OPEN = text(
    "SELECT * FROM conflicts WHERE resolved_at IS NULL AND session_id = ANY (CAST(:sessions AS uuid[])) "
    "AND participant_id = ANY (CAST(:participants AS uuid[])) FOR UPDATE"
)
WIDEN = text(
    "UPDATE conflicts SET kind = :kind, marks = CAST(:marks AS uuid[]), revision = revision + 1 "
    "WHERE id = :id AND (kind <> :kind OR marks <> CAST(:marks AS uuid[]))"
)
CLOSE = text(
    "UPDATE conflicts SET resolved_at = :at, resolved_by = :by, resolution = :resolution, revision = revision + 1 "
    "WHERE id = :id"
)


async def note_conflicts(
    unit: Unit,
    contradictions: Mapping[Key, Contradiction | None],
    standing: Mapping[Key, UUID],
    *,
    were_open: Collection[Key],
) -> dict[Key, UUID]:
    """Brings the inbox up to date with cells; answers the ids of the conflicts that are open.

    A conflict closes by whatever made the cell say one thing again: a decision, a correction, or marks that agree
    now.
    """
    affected = {key for key, contradiction in contradictions.items() if contradiction} | set(were_open)
    if not affected:
        return {}
    places = {"sessions": sorted({key[0] for key in affected}), "participants": sorted({key[1] for key in affected})}
    rows = await unit.all(OPEN, places)
    known = {(row["session_id"], row["participant_id"], row["occasion_id"]): row["id"] for row in rows}
    opened: dict[Key, UUID] = {}
    for key in sorted(affected & set(contradictions)):
        contradiction = contradictions[key]
        if contradiction is None:
            if key in known:
                await _close(unit, known[key], standing[key])
        elif key in known:
            opened[key] = known[key]
            marks = list(contradiction.marks)
            await unit.execute(WIDEN, {"id": known[key], "kind": contradiction.kind, "marks": marks})
        else:
            opened[key] = unit.ids.uuid7()
            await unit.execute(insert(ConflictRow), _row(unit, opened[key], key, contradiction))
    return opened


def _row(unit: Unit, conflict_id: UUID, key: Key, contradiction: Contradiction) -> dict[str, Any]:
    return {
        "id": conflict_id,
        "session_id": key[0],
        "participant_id": key[1],
        "occasion_id": key[2],
        "kind": contradiction.kind,
        "marks": list(contradiction.marks),
        "opened_at": unit.recorded_at,
        "revision": 1,
    }


async def _close(unit: Unit, conflict_id: UUID, resolution: UUID) -> None:
    closed = {"id": conflict_id, "at": unit.recorded_at, "by": unit.actor, "resolution": resolution}
    await unit.execute(CLOSE, closed)
