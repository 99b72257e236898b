"""The content of a roll, loaded: what attesting seals and what the roll shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.attendance.cells.rules import is_excused
from services.attendance.occasions.queries import OccasionOnRoll, occasions_of
from services.attendance.rolls.rules import Line, content_hash, line_as_json, roll_lines
from shared.database.unit_of_work import Unit

CONFIRMED = text(
    "SELECT participant_id FROM roll_people "
    "WHERE session_id = :session_id AND registration = 'confirmed' AND NOT after_seal"
)
CELLS = text("SELECT * FROM current_cells WHERE session_id = :session_id AND NOT contested")
# What is sealed stays as it was, byte for byte: whoever was merged since keeps the id of the seal.
SEALED_AS = text(
    """
    SELECT DISTINCT became, ended
      FROM (SELECT content FROM seals WHERE session_id = :session_id ORDER BY roll_version DESC LIMIT 1) AS seal
      CROSS JOIN LATERAL jsonb_array_elements(seal.content -> 'lines') AS line
      JOIN merged_participants ON ended = CAST(line ->> 'participant_id' AS uuid)
    """
)


@dataclass(frozen=True)
class Content:
    """What a roll says now, without occasions that a rescheduling took away."""

    session_id: UUID
    occasions: list[OccasionOnRoll]
    lines: list[Line]

    @property
    def hash(self) -> str:
        """The content's hash; equal for equal content, whatever the version."""
        return content_hash(self.session_id, [occasion.schedule for occasion in self.occasions], self.lines)

    def as_json(self) -> dict[str, Any]:
        """The content as a seal keeps it."""
        return {
            "occasions": [
                {
                    "occasion_id": str(occasion.schedule.occasion_id),
                    "starts_at": occasion.schedule.starts_at.isoformat(),
                    "ends_at": occasion.schedule.ends_at.isoformat(),
                    "break_minutes": occasion.schedule.break_minutes,
                    "breaks_counted": occasion.schedule.breaks_counted,
                }
                for occasion in self.occasions
            ],
            "lines": [line_as_json(line) for line in self.lines],
        }


async def content_of(unit: Unit, session_id: UUID) -> Content:
    """The roll's content as the transaction sees it."""
    occasions = await occasions_of(unit, [session_id])
    sealed_as = {row["became"]: row["ended"] for row in await unit.all(SEALED_AS, {"session_id": session_id})}
    people = [row["participant_id"] for row in await unit.all(CONFIRMED, {"session_id": session_id})]
    confirmed = {sealed_as.get(person, person) for person in people}
    cells = await unit.all(CELLS, {"session_id": session_id})
    live = [known for known in occasions.values() if not known.dropped]
    schedules = [known.schedule for known in live]
    ids = {schedule.occasion_id for schedule in schedules}
    marked = [_line(cell, occasions[cell["occasion_id"]], sealed_as) for cell in cells if cell["occasion_id"] in ids]
    return Content(session_id, live, roll_lines(confirmed, schedules, marked))


def _line(cell: RowMapping, occasion: OccasionOnRoll, sealed_as: Mapping[UUID, UUID]) -> Line:
    excused = is_excused(cell["status"], cell["absence_reason"], illness_neutral=occasion.illness_neutral)
    return Line(
        sealed_as.get(cell["participant_id"], cell["participant_id"]),
        cell["occasion_id"],
        cell["status"],
        cell["minutes"],
        cell["scheduled_minutes"],
        excused,
    )
