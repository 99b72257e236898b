"""Marks of people whose registration has not arrived: kept, counted in `position`, and recorded when it comes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text, update
from sqlmodel import col

from services.attendance.cells.overlaps import Key
from services.attendance.cells.tables import MarkRow
from shared.database.conditions import among
from shared.database.unit_of_work import Unit

HELD = "held"
COUNT = text("SELECT count(*) FROM marks JOIN rolls USING (session_id) WHERE standing = 'held' AND NOT rolls.cancelled")


async def count_held(unit: Unit) -> int:
    """How many marks wait for a registration. A cancelled session's never get one: they are kept, not waited for."""
    return int(await unit.scalar(COUNT))


async def release_held(unit: Unit, arrived: Sequence[Mapping[str, Any]], versions: Mapping[UUID, int]) -> set[Key]:
    """Records the held marks of people who came onto a roll, in the versions given. Returns their cells."""
    if not arrived:
        return set()
    by_person = {(entry["session_id"], entry["participant_id"]): entry["participant_id"] for entry in arrived}
    by_walk_in = {
        (entry["session_id"], entry["walk_in_id"]): entry["participant_id"] for entry in arrived if entry["walk_in_id"]
    }
    statement = select(MarkRow).where(
        col(MarkRow.standing) == HELD, among(col(MarkRow.session_id), {entry["session_id"] for entry in arrived})
    )
    released: dict[UUID, tuple[Key, int]] = {}
    for row in await unit.all(statement):
        session_id = row["session_id"]
        person = by_person.get((session_id, row["participant_id"])) or by_walk_in.get((session_id, row["walk_in_id"]))
        if person is not None:
            released[row["mark_id"]] = ((session_id, person, row["occasion_id"]), versions[session_id])
    await _record(unit, released)
    return {key for key, _ in released.values()}


async def _record(unit: Unit, released: Mapping[UUID, tuple[Key, int]]) -> None:
    if not released:
        return
    statement = (
        update(MarkRow)
        .where(col(MarkRow.mark_id) == bindparam("id"))
        .values(standing="recorded", participant_id=bindparam("person"), version=bindparam("to_version"))
    )
    rows = [{"id": mark_id, "person": key[1], "to_version": version} for mark_id, (key, version) in released.items()]
    await unit.execute(statement, rows)
