"""Marks that come after the seal. What is sealed stays as it is; where they say something else, a person decides."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.attendance.cells.contradictions import Contradiction, open_conflicts
from services.attendance.cells.overlaps import Key
from services.attendance.cells.rules import is_excused
from services.attendance.cells.settle import cells_at, key_of, mark_of
from services.attendance.occasions.queries import OccasionOnRoll, occasions_of
from shared.database.unit_of_work import Unit

LATE = "late"


async def note_late(unit: Unit, marks: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Opens a conflict for each person and occasion of which late marks say something else than the sealed roll.

    Returns the ids of those marks. The caller holds the locks of the rolls.
    """
    by_cell: defaultdict[Key, list[Mapping[str, Any]]] = defaultdict(list)
    for mark in marks:
        by_cell[key_of(mark)].append(mark)
    if not by_cell:
        return set()
    sealed = await cells_at(unit, by_cell)
    occasions = await occasions_of(unit, {key[0] for key in by_cell})
    contradictions: dict[Key, Contradiction] = {}
    for key, of_cell in by_cell.items():
        said = _sealed(sealed.get(key), occasions[key[2]])
        others = tuple(mark["mark_id"] for mark in of_cell if _said(mark, occasions[key[2]]) != said)
        if others:
            counts = sealed[key]["mark_id"] if key in sealed else None
            contradictions[key] = Contradiction("after-seal", ((counts, *others) if counts else others))
    await open_conflicts(unit, contradictions)
    return {mark for contradiction in contradictions.values() for mark in contradiction.marks}


def _sealed(cell: Mapping[str, Any] | None, occasion: OccasionOnRoll) -> tuple[int, bool]:
    if cell is None:
        return 0, False
    excused = is_excused(cell["status"], cell["absence_reason"], illness_neutral=occasion.illness_neutral)
    return cell["minutes"], excused


def _said(mark: Mapping[str, Any], occasion: OccasionOnRoll) -> tuple[int, bool]:
    excused = is_excused(mark["status"], mark["absence_reason"], illness_neutral=occasion.illness_neutral)
    return mark_of(mark).minutes_on(occasion.schedule), excused
