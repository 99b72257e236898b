"""Recording batches of marks from a device: judge each, store it, work out the cells, and say what became of each."""

from collections.abc import Sequence, Set
from dataclasses import replace
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as upsert

from services.attendance.cells.held import HELD
from services.attendance.cells.late import LATE, note_late
from services.attendance.cells.rules import Refusal
from services.attendance.cells.settle import RECORDED, Fresh, key_of, settle
from services.attendance.marks.batch import Batch, Noted, load, take_roll
from services.attendance.marks.bodies import MarkBody, MarkResultShown, MarksBody, MarksShown
from services.attendance.marks.judge import DUPLICATE, judge
from services.attendance.marks.problems import problem_of
from services.attendance.marks.read_mark import Malformed
from services.attendance.marks.tables import RefusedMark
from shared.database.unit_of_work import Unit


async def record_marks(unit: Unit, session_id: UUID, body: MarksBody, language: str) -> MarksShown:
    """Stores every mark of the batch, whatever becomes of it.

    Raises 404 for a session that is not the caller's, 422 when `on_behalf_of` is no trainer of it.
    """
    async with unit.as_system():
        taken = await take_roll(unit, session_id, body.on_behalf_of)
        return (await record_on(unit, [Noted(unit, taken, body, language)]))[0]


async def record_on(unit: Unit, noted: Sequence[Noted]) -> list[MarksShown]:
    """The same on rolls that are taken already, one batch for each. Only in system scope."""
    return await record(unit, await load(unit, noted))


async def record(unit: Unit, batches: Sequence[Batch], *, apart: bool = False) -> list[MarksShown]:
    """The same once all is known of them. `apart`: nobody stands on another roll at the time of theirs."""
    judged = [[(mark, judge(batch, mark)) for mark in batch.marks] for batch in batches]
    contradicting, raised = await _store(unit, batches, apart)
    return [
        MarksShown(
            results=[_result(contradicting, mark, verdict, batch.noted.language) for mark, verdict in verdicts],
            roll_version=batch.version if batch.session_id in raised else batch.roll["roll_version"],
        )
        for batch, verdicts in zip(batches, judged, strict=True)
    ]


async def _store(unit: Unit, batches: Sequence[Batch], apart: bool) -> tuple[Set[UUID], Set[UUID]]:
    """Stores what was decided. Returns the new marks that contradict others, and whose rolls have a new version."""
    refused = [row for batch in batches for row in batch.refused]
    new = [row for batch in batches for row in batch.new]
    if refused:
        await unit.execute(upsert(RefusedMark).on_conflict_do_nothing(), refused)
    if not new:
        return set(), set()
    recorded = [row for row in new if row["standing"] == RECORDED]
    versions = {batch.session_id: batch.version for batch in batches}
    raised = frozenset(batch.session_id for batch in batches if batch.raises_version)
    occasions = {key: one for batch in batches for key, one in batch.occasions.items()}
    units = {batch.session_id: batch.unit for batch in batches}
    fresh = Fresh(new, versions, raised, occasions, units, apart)
    settled = await settle(unit, {key_of(row) for row in recorded}, versions, fresh=fresh)
    contested = {row["mark_id"] for row in recorded if row["mark_id"] in settled.contested.get(key_of(row), ())}
    contested |= await note_late(unit, [row for row in new if row["standing"] == LATE])
    # A roll of the same call may have given minutes away without a mark of its own.
    return contested, raised | settled.changed


def _result(
    contradicting: Set[UUID], mark: MarkBody | Malformed, verdict: str | Refusal, language: str
) -> MarkResultShown:
    if isinstance(verdict, Refusal):
        problem = problem_of(verdict)
        if isinstance(mark, Malformed):
            problem = replace(problem, errors=mark.errors)
        return MarkResultShown(mark_id=mark.mark_id, outcome="rejected", problem=problem.body(language))
    if verdict == HELD:
        return MarkResultShown(mark_id=mark.mark_id, outcome="held")
    if verdict == DUPLICATE:
        return MarkResultShown(mark_id=mark.mark_id, outcome="duplicate")
    return MarkResultShown(mark_id=mark.mark_id, outcome="conflict" if mark.mark_id in contradicting else "accepted")
