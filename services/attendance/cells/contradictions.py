"""Opening and closing conflicts as the cells change."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, text

from services.attendance.cells.overlaps import Key
from services.attendance.cells.tables import ConflictRow
from shared.database.unit_of_work import Unit


@dataclass(frozen=True)
class Contradiction:
    """Why a cell counts for nothing: `marks` that say different things, or an `overlap` with another session.

    Or why a sealed roll may be wrong: marks that came `after-seal`, or one whose minutes were given up elsewhere then.
    """

    kind: str
    marks: tuple[UUID, ...]


OPEN = text(
    "SELECT * FROM current_conflicts WHERE resolved_at IS NULL AND session_id = ANY (CAST(:sessions AS uuid[])) "
    "AND participant_id = ANY (CAST(:participants AS uuid[])) ORDER BY id"
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
    units: Mapping[UUID, Unit],
) -> dict[Key, UUID]:
    """Brings the inbox up to date with cells. Returns the ids of the conflicts that are open. `units`: who acts on a
    session, where that are others.

    A conflict closes by whatever made the cell say one thing again: a decision, a correction, or marks that agree
    now.
    """
    ended = {key for key in were_open if key in contradictions and contradictions[key] is None}
    for key, rows in (await _open(unit, ended)).items():
        for row in rows:
            await close_conflict(units.get(key[0], unit), row["id"], standing[key])
    return await open_conflicts(unit, {key: found for key, found in contradictions.items() if found is not None})


async def open_conflicts(unit: Unit, contradictions: Mapping[Key, Contradiction]) -> dict[Key, UUID]:
    """Opens a conflict for each cell, or widens the one that is open. Returns their ids."""
    known = await _open(unit, contradictions)
    opened: dict[Key, UUID] = {}
    for key, contradiction in sorted(contradictions.items()):
        if key in known:
            row = known[key][0]
            opened[key] = row["id"]
            marks = _marks(row, contradiction)
            await unit.execute(WIDEN, {"id": opened[key], "kind": contradiction.kind, "marks": marks})
        else:
            opened[key] = unit.ids.uuid7()
            await unit.execute(insert(ConflictRow), _row(unit, opened[key], key, contradiction))
    return opened


def _marks(known: RowMapping, contradiction: Contradiction) -> list[UUID]:
    """Late marks are in no cell: they stay in the conflict whatever the cell says."""
    kept = known["marks"] if "after-seal" in (known["kind"], contradiction.kind) else []
    return list(dict.fromkeys([*kept, *contradiction.marks]))


async def close_conflict(unit: Unit, conflict_id: UUID, resolution: UUID | None) -> None:
    """Closes a conflict by the mark that ended it, None when the sealed roll is right though nobody marked."""
    closed = {"id": conflict_id, "at": unit.recorded_at, "by": unit.actor, "resolution": resolution}
    await unit.execute(CLOSE, closed)


async def close_late(unit: Unit, key: Key, resolution: UUID) -> None:
    """A correction has decided what late marks asked."""
    for row in (await _open(unit, [key])).get(key, ()):
        await close_conflict(unit, row["id"], resolution)


async def _open(unit: Unit, keys: Collection[Key]) -> dict[Key, list[RowMapping]]:
    """The open conflicts of each cell, oldest first. Only who was merged can have two; one decision ends both.

    The caller holds the locks of the rolls.
    """
    if not keys:
        return {}
    places = {"sessions": sorted({key[0] for key in keys}), "participants": sorted({key[1] for key in keys})}
    found: dict[Key, list[RowMapping]] = {}
    for row in await unit.all(OPEN, places):
        key = (row["session_id"], row["participant_id"], row["occasion_id"])
        if key in keys:
            found.setdefault(key, []).append(row)
    return found


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
