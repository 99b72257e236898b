"""Finding minutes in other sessions at the same time."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.attendance.cells.rules import Kind
from services.attendance.cells.stays import Stay
from services.attendance.occasions.rules import Schedule
from shared.database.unit_of_work import Unit

Key = tuple[UUID, UUID, UUID]
"""A cell: session, participant, occasion."""

ON_TWO_ROLLS = text(
    """
    WITH ids AS (
        SELECT id, id AS person FROM unnest(CAST(:participants AS uuid[])) AS id
        UNION ALL
        SELECT ended, became FROM merged_participants WHERE became = ANY (CAST(:participants AS uuid[]))
    )
    SELECT theirs.session_id, ids.person AS participant_id
      FROM ids JOIN roll_entries AS entry ON entry.participant_id = ids.id
      JOIN occasions AS theirs ON theirs.session_id = entry.session_id
      JOIN occasions AS ours ON ours.session_id = ANY (CAST(:sessions AS uuid[]))
       AND ours.session_id <> theirs.session_id AND ours.starts_at < theirs.ends_at AND theirs.starts_at < ours.ends_at
    """
)
# Held until commit: of two requests for the same person in two sessions the second sees what the first recorded.
ONE_AT_A_TIME = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('minutes of ' || id, 0)) "
    "FROM unnest(CAST(:participants AS text[])) WITH ORDINALITY AS person (id, position) ORDER BY position"
)
ELSEWHERE = text(
    """
    SELECT cell.session_id, cell.participant_id, cell.occasion_id, cell.minutes, occasion.starts_at, occasion.ends_at,
           occasion.break_minutes, mark.arrived_at, mark.left_at, mark.kind
      FROM current_cells AS cell
      JOIN occasions AS occasion USING (occasion_id)
      JOIN marks AS mark USING (mark_id)
     WHERE cell.session_id = ANY (CAST(:sessions AS uuid[]))
       AND cell.participant_id = ANY (CAST(:participants AS uuid[])) AND cell.minutes > 0
    """
)


async def stays_elsewhere(
    unit: Unit, session_ids: Collection[UUID], participants: Collection[UUID]
) -> list[tuple[Key, Stay]]:
    """Attended minutes of people who stand on another roll at the same time; from here on nobody else adds to them.

    For nearly everybody the first statement finds nothing, and there is no second.
    """
    if not participants:
        return []
    places = {"sessions": sorted(session_ids), "participants": sorted(participants)}
    double = await unit.all(ON_TWO_ROLLS, places)
    if not double:
        return []
    people = sorted({str(row["participant_id"]) for row in double})
    await unit.execute(ONE_AT_A_TIME, {"participants": people})
    sessions = sorted({row["session_id"] for row in double})
    rows = await unit.all(ELSEWHERE, {"participants": people, "sessions": sessions})
    return [((row["session_id"], row["participant_id"], row["occasion_id"]), _stay_of(row)) for row in rows]


def stay(schedule: Schedule, mark: RowMapping | dict[str, Any], minutes: int) -> Stay:
    """Where a mark says that the person was."""
    begin, end = schedule.clipped(mark["arrived_at"], mark["left_at"])
    decided = mark["kind"] != Kind.MARK
    return Stay(schedule.starts_at, schedule.ends_at, begin, end, minutes, decided)


def _stay_of(row: RowMapping) -> Stay:
    schedule = Schedule(row["occasion_id"], row["starts_at"], row["ends_at"], row["break_minutes"])
    return stay(schedule, row, row["minutes"])
