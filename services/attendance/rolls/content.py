"""The content of a roll, loaded: what attesting seals and what the roll shows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.attendance.cells.rules import is_excused
from services.attendance.occasions.queries import OccasionOnRoll, occasions_of
from services.attendance.rolls.queries import MARKS, of_sessions
from services.attendance.rolls.rules import Line, content_hash, line_as_json, roll_lines
from shared.database.unit_of_work import Unit

CONFIRMED = """
    SELECT session_id, participant_id FROM roll_people
     WHERE session_id = ANY ($1) AND registration = 'confirmed' AND NOT after_seal
"""
# What is sealed stays as it was, byte for byte: whoever was merged since keeps the id of the seal.
SEALED_AS = """
    SELECT DISTINCT session_id, became, ended
      FROM (SELECT DISTINCT ON (session_id) session_id, content FROM seals WHERE session_id = ANY ($1)
             ORDER BY session_id, roll_version DESC) AS seal
      CROSS JOIN LATERAL jsonb_array_elements(seal.content -> 'lines') AS line
      JOIN merged_participants ON ended = CAST(line ->> 'participant_id' AS uuid)
"""


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
    return (await contents_of(unit, [session_id], await of_sessions(unit, MARKS, [session_id])))[session_id]


async def contents_of(
    unit: Unit, session_ids: Collection[UUID], marks: Mapping[UUID, Iterable[Mapping[str, Any]]]
) -> dict[UUID, Content]:
    """The same of several rolls, with the `marks` that count on them."""
    occasions = await occasions_of(unit, session_ids)
    sealed_as, people = [await of_sessions(unit, statement, session_ids) for statement in (SEALED_AS, CONFIRMED)]
    return {
        session_id: _content(
            session_id,
            {key: one for key, one in occasions.items() if one.session_id == session_id and not one.dropped},
            {row["became"]: row["ended"] for row in sealed_as[session_id]},
            [row["participant_id"] for row in people[session_id]],
            marks.get(session_id, ()),
        )
        for session_id in session_ids
    }


def _content(
    session_id: UUID,
    live: Mapping[UUID, OccasionOnRoll],
    sealed_as: Mapping[UUID, UUID],
    people: Iterable[UUID],
    cells: Iterable[Mapping[str, Any]],
) -> Content:
    confirmed = {sealed_as.get(person, person) for person in people}
    marked = [_line(cell, live[cell["occasion_id"]], sealed_as) for cell in cells if cell["occasion_id"] in live]
    lines = roll_lines(confirmed, [known.schedule for known in live.values()], marked)
    return Content(session_id, list(live.values()), lines)


def _line(cell: Mapping[str, Any], occasion: OccasionOnRoll, sealed_as: Mapping[UUID, UUID]) -> Line:
    excused = is_excused(cell["status"], cell["absence_reason"], illness_neutral=occasion.illness_neutral)
    return Line(
        sealed_as.get(cell["participant_id"], cell["participant_id"]),
        cell["occasion_id"],
        cell["status"],
        cell["minutes"],
        cell["scheduled_minutes"],
        excused,
    )
