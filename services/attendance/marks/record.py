"""Recording a batch of marks from a device: judge each, store it, work out the cells, and say what became of each."""

from collections.abc import Set
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from services.attendance.cells.held import HELD
from services.attendance.cells.late import LATE, note_late
from services.attendance.cells.rules import Refusal
from services.attendance.cells.settle import key_of, settle
from services.attendance.cells.tables import MarkRow
from services.attendance.marks.batch import Batch, Taken, load, take_roll
from services.attendance.marks.bodies import MarkBody, MarkResultShown, MarksBody, MarksShown
from services.attendance.marks.judge import DUPLICATE, RECORDED, judge
from services.attendance.marks.problems import problem_of
from services.attendance.marks.read_mark import Malformed
from services.attendance.marks.tables import RefusedMark
from services.attendance.rolls.lock import raise_version
from shared.database.unit_of_work import Unit


@dataclass(frozen=True)
class Stored:
    """What came of storing a batch: the new marks that contradict others, and the roll's version."""

    contradicting: Set[UUID]
    version: int


async def record_marks(unit: Unit, session_id: UUID, body: MarksBody, language: str) -> MarksShown:
    """Stores every mark of the batch, whatever becomes of it.

    Raises 404 for a session that is not the caller's, 422 when `on_behalf_of` is no trainer of it.
    """
    return await record_on(unit, await take_roll(unit, session_id, body.on_behalf_of), body, language)


async def record_on(unit: Unit, taken: Taken, body: MarksBody, language: str) -> MarksShown:
    """The same on a roll that is taken already."""
    async with unit.as_system():
        batch = await load(unit, taken, body)
        judged = [(mark, judge(batch, mark)) for mark in batch.marks]
        stored = await _store(batch)
    results = [_result(stored, mark, verdict, language) for mark, verdict in judged]
    return MarksShown(results=results, roll_version=stored.version)


async def _store(batch: Batch) -> Stored:
    unit, recorded, late = batch.unit, batch.of_standing(RECORDED), batch.of_standing(LATE)
    if batch.refused:
        await unit.execute(upsert(RefusedMark).on_conflict_do_nothing(), batch.refused)
    if batch.new:
        await unit.execute(insert(MarkRow), batch.new)
    settled = await settle(unit, {key_of(row) for row in recorded}, {batch.session_id: batch.version})
    contested = {row["mark_id"] for row in recorded if row["mark_id"] in settled.contested.get(key_of(row), ())}
    if not (recorded or late):
        return Stored(contested, int(batch.roll["roll_version"]))
    version = await raise_version(unit, batch.roll, content_changed=bool(settled.changed))
    return Stored(contested | await note_late(unit, late), version)


def _result(stored: Stored, mark: MarkBody | Malformed, verdict: str | Refusal, language: str) -> MarkResultShown:
    if isinstance(verdict, Refusal):
        problem = problem_of(verdict)
        if isinstance(mark, Malformed):
            problem = replace(problem, errors=mark.errors)
        return MarkResultShown(mark_id=mark.mark_id, outcome="rejected", problem=problem.body(language))
    if verdict == HELD:
        return MarkResultShown(mark_id=mark.mark_id, outcome="held")
    if verdict == DUPLICATE:
        return MarkResultShown(mark_id=mark.mark_id, outcome="duplicate")
    return MarkResultShown(
        mark_id=mark.mark_id, outcome="conflict" if mark.mark_id in stored.contradicting else "accepted"
    )
