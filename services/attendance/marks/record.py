"""Recording a batch of marks from a device: judge each, store it, work out the cells, answer per mark."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert

from services.attendance.cells.held import HELD
from services.attendance.cells.overlaps import Key
from services.attendance.cells.rules import Kind, Mark, Refusal, made_at, refusal_of
from services.attendance.cells.settle import Settled, settle
from services.attendance.cells.tables import MarkRow
from services.attendance.marks.api import MarkIn, MarkResult, MarksIn, MarksOut
from services.attendance.marks.problems import problem_of
from services.attendance.marks.tables import RefusedMark
from services.attendance.occasions.queries import OccasionOnRoll, occasions_of
from services.attendance.rolls.lock import ATTESTED, lock_roll, raise_version
from services.attendance.rolls.registrations import KNOWN_TO_THE_ROLL
from shared.database.unit_of_work import Unit
from shared.security.roles import Role

KNOWN = text("SELECT * FROM marks WHERE mark_id = ANY (CAST(:marks AS uuid[]))")
ENTRIES = text(
    "SELECT participant_id, walk_in_id, registration FROM roll_entries WHERE session_id = :session_id "
    "AND (participant_id = ANY (CAST(:people AS uuid[])) OR walk_in_id = ANY (CAST(:walk_ins AS uuid[])))"
)
SAME_MARK = (
    "walk_in_id",
    "occasion_id",
    "status",
    "arrived_at",
    "left_at",
    "minutes",
    "absence_reason",
    "marked_at",
)
RECORDED = "recorded"


@dataclass
class Batch:
    """A batch under way: what is known about the roll, and what has been decided about its marks."""

    unit: Unit
    roll: RowMapping
    body: MarksIn
    occasions: dict[UUID, OccasionOnRoll]
    people: dict[UUID, str]
    walk_ins: dict[UUID, UUID]
    known: dict[UUID, dict[str, Any]]
    new: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    @property
    def version(self) -> int:
        """The roll version that will hold these marks."""
        return int(self.roll["roll_version"]) + 1


async def record_marks(unit: Unit, session_id: UUID, body: MarksIn, language: str) -> MarksOut:
    """Stores every mark of the batch, whatever becomes of it. Raises 404 for a session that is not the caller's."""
    roll = await lock_roll(unit, session_id)
    async with unit.as_system():
        batch = await _load(unit, roll, body)
        judged = [(mark, _judge(batch, mark)) for mark in body.marks]
        settled = await _store(batch)
    version = batch.version if _recorded(batch) else int(roll["roll_version"])
    results = [_result(batch, settled, mark, verdict, language) for mark, verdict in judged]
    return MarksOut(results=results, roll_version=version)


async def _load(unit: Unit, roll: RowMapping, body: MarksIn) -> Batch:
    session_id = roll["session_id"]
    people = sorted({mark.participant_id for mark in body.marks if mark.participant_id})
    walk_ins = sorted({mark.walk_in_id for mark in body.marks if mark.walk_in_id})
    entries = await unit.all(ENTRIES, {"session_id": session_id, "people": people, "walk_ins": walk_ins})
    known = await unit.all(KNOWN, {"marks": sorted({mark.mark_id for mark in body.marks})})
    return Batch(
        unit,
        roll,
        body,
        occasions=await occasions_of(unit, [session_id]),
        people={row["participant_id"]: row["registration"] for row in entries},
        walk_ins={row["walk_in_id"]: row["participant_id"] for row in entries if row["walk_in_id"]},
        known={row["mark_id"]: dict(row) for row in known},
    )


def _judge(batch: Batch, mark: MarkIn) -> str | Refusal:
    """What becomes of a mark: `duplicate`, `held`, `recorded`, or why it is refused. Notes what has to be written."""
    known = batch.known.get(mark.mark_id)
    if known is not None:
        if _is_same(batch, known, mark):
            return HELD if known["standing"] == HELD else "duplicate"
        return _refuse(batch, mark, Refusal.MARK_ID_REUSED)
    refusal = _refusal(batch, mark)
    if refusal is not None:
        return _refuse(batch, mark, refusal)
    row = _row(batch, mark)
    batch.known[mark.mark_id] = row
    batch.new.append(row)
    return str(row["standing"])


def _is_same(batch: Batch, known: dict[str, Any], mark: MarkIn) -> bool:
    same_person = mark.participant_id in (None, known["participant_id"])
    same = all(known[column] == getattr(mark, column) for column in SAME_MARK)
    return bool(same and same_person and known["session_id"] == batch.roll["session_id"])


def _refusal(batch: Batch, mark: MarkIn) -> Refusal | None:
    if batch.roll["state"] == ATTESTED:
        return Refusal.ROLL_SEALED
    if batch.roll["cancelled"]:
        return Refusal.SESSION_CANCELLED
    occasion = batch.occasions.get(mark.occasion_id)
    if occasion is None or occasion.dropped:
        return Refusal.UNKNOWN_OCCASION
    received_at = batch.unit.recorded_at
    made = made_at(mark.marked_at, device_time=batch.body.device_time, received_at=received_at)
    judged = Mark(
        mark.mark_id,
        Kind.MARK,
        batch.body.device_id,
        mark.base_version,
        batch.version,
        mark.marked_at,
        mark.status,
        mark.arrived_at,
        mark.left_at,
        mark.minutes,
        mark.absence_reason,
    )
    return refusal_of(judged, occasion.schedule, made_at=made, day_begins=occasion.day_begins)


def _row(batch: Batch, mark: MarkIn) -> dict[str, Any]:
    """The mark as it is stored. A version that the roll never had (a restored backup) is the present one at most."""
    person = _person(batch, mark)
    on_roll = person is not None and batch.people.get(person) in KNOWN_TO_THE_ROLL
    return {
        **mark.model_dump(exclude={"participant_id", "base_version"}),
        "session_id": batch.roll["session_id"],
        "participant_id": person,
        "kind": Kind.MARK.value,
        "standing": RECORDED if on_roll else HELD,
        "device_id": batch.body.device_id,
        "base_version": min(mark.base_version, batch.roll["roll_version"]),
        "version": batch.version,
        "source": "trainer" if batch.unit.role is Role.TRAINER else "coordinator",
        "received_at": batch.unit.recorded_at,
        "recorded_by": batch.unit.actor,
    }


def _person(batch: Batch, mark: MarkIn) -> UUID | None:
    """Whom a mark is about, None for a walk-in that booking has not identified yet."""
    if mark.walk_in_id is not None:
        return batch.walk_ins.get(mark.walk_in_id)
    return mark.participant_id


def _refuse(batch: Batch, mark: MarkIn, refusal: Refusal) -> Refusal:
    content = mark.model_dump(mode="json")
    canonical = json.dumps(content, sort_keys=True).encode()
    batch.refused.append(
        {
            "id": batch.unit.ids.uuid7(),
            "session_id": batch.roll["session_id"],
            "mark_id": mark.mark_id,
            "problem": refusal.value,
            "content": content,
            "content_hash": hashlib.sha256(canonical).hexdigest(),
            "device_id": batch.body.device_id,
            "refused_for": batch.unit.actor,
            "received_at": batch.unit.recorded_at,
        }
    )
    return refusal


def _recorded(batch: Batch) -> list[dict[str, Any]]:
    return [row for row in batch.new if row["standing"] == RECORDED]


async def _store(batch: Batch) -> Settled:
    unit, session_id = batch.unit, batch.roll["session_id"]
    if batch.refused:
        await unit.execute(upsert(RefusedMark).on_conflict_do_nothing(), batch.refused)
    if batch.new:
        await unit.execute(insert(MarkRow), batch.new)
    keys: set[Key] = {(session_id, row["participant_id"], row["occasion_id"]) for row in _recorded(batch)}
    settled = await settle(unit, keys, {session_id: batch.version})
    if keys:
        await raise_version(unit, batch.roll, content_changed=bool(settled.changed))
    return settled


def _result(batch: Batch, settled: Settled, mark: MarkIn, verdict: str | Refusal, language: str) -> MarkResult:
    if isinstance(verdict, Refusal):
        return MarkResult(mark_id=mark.mark_id, outcome="rejected", problem=problem_of(verdict).body(language))
    if verdict == HELD:
        return MarkResult(mark_id=mark.mark_id, outcome="held")
    if verdict == "duplicate":
        return MarkResult(mark_id=mark.mark_id, outcome="duplicate")
    row = batch.known[mark.mark_id]
    contested = settled.contested.get((row["session_id"], row["participant_id"], row["occasion_id"]), frozenset())
    return MarkResult(mark_id=mark.mark_id, outcome="conflict" if mark.mark_id in contested else "accepted")
