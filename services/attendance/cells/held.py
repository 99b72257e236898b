"""Marks of people whose registration has not arrived: kept, counted in `position`, and released when it comes."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, text

from services.attendance.cells.tables import MarkRelease
from shared.database.unit_of_work import Unit

HELD = "held"
# A walk-in may never be identified: its marks wait for a person to say who it was, not for an event under way.
COUNT = text(
    "SELECT count(*) FROM current_marks JOIN rolls USING (session_id) "
    "WHERE standing = 'held' AND walk_in_id IS NULL AND NOT rolls.cancelled"
)
ARRIVED = text(
    """
    SELECT mark.*, coalesce(merged.became, link.participant_id, mark.participant_id) AS person
      FROM current_marks AS mark LEFT JOIN walk_in_links AS link USING (walk_in_id, session_id)
      LEFT JOIN merged_participants AS merged ON merged.ended = link.participant_id
     WHERE mark.standing = 'held' AND mark.session_id = ANY (CAST(:sessions AS uuid[]))
       AND coalesce(merged.became, link.participant_id, mark.participant_id) = ANY (CAST(:people AS uuid[]))
     ORDER BY mark_id
    """
)


async def count_held(unit: Unit) -> int:
    """How many marks wait for a registration. A cancelled session's never get one: they are kept, not waited for."""
    return int(await unit.scalar(COUNT))


async def held_of(unit: Unit, arrived: Collection[tuple[UUID, UUID]]) -> list[dict[str, Any]]:
    """The held marks of people (by session) who came onto a roll, each with the person it is about."""
    if not arrived:
        return []
    places = {
        "sessions": sorted({session_id for session_id, _ in arrived}),
        "people": sorted({person for _, person in arrived}),
    }
    rows = [{**row, "participant_id": row["person"]} for row in await unit.all(ARRIVED, places)]
    return [row for row in rows if (row["session_id"], row["participant_id"]) in arrived]


async def release(unit: Unit, marks: Sequence[dict[str, Any]], standing: str, versions: dict[UUID, int]) -> None:
    """Ends the waiting of held marks: they count from the roll versions given on, or are late."""
    if marks:
        rows = [_row(unit, mark, standing, versions[mark["session_id"]]) for mark in marks]
        await unit.execute(insert(MarkRelease), rows)


async def give_up(unit: Unit, mark: RowMapping, reason: str) -> None:
    """Discards a held mark."""
    await unit.execute(insert(MarkRelease), _row(unit, mark, "discarded", mark["version"]) | {"reason": reason})


def _row(unit: Unit, mark: dict[str, Any] | RowMapping, standing: str, version: int) -> dict[str, Any]:
    return {
        "mark_id": mark["mark_id"],
        "session_id": mark["session_id"],
        "standing": standing,
        "participant_id": mark["participant_id"],
        "version": version,
        "released_at": unit.recorded_at,
        "released_by": unit.actor,
        "reason": None,
    }
