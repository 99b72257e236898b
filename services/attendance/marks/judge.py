"""What becomes of a mark: recorded, held, late, known already, or refused. Decides, and notes what is to be written."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.attendance.cells.held import HELD
from services.attendance.cells.late import LATE
from services.attendance.cells.rules import Kind, Mark, Refusal, made_at, refusal_of
from services.attendance.cells.settle import RECORDED
from services.attendance.marks.batch import Batch
from services.attendance.marks.bodies import MarkBody
from services.attendance.marks.read_mark import Malformed
from shared.security.roles import Role

DUPLICATE = "duplicate"
SENT_AS_STORED = {
    "walk_in_id": "walk_in_id",
    "occasion_id": "occasion_id",
    "status": "status",
    "arrived_at": "arrived_at",
    "left_at": "left_at",
    "minutes": "minutes",
    "absence_reason": "absence_reason",
    "marked_at": "device_marked_at",
}


def judge(batch: Batch, mark: MarkBody | Malformed) -> str | Refusal:
    """Returns `duplicate`, `held`, `recorded`, `late`, or why the mark is refused."""
    if isinstance(mark, Malformed):
        return _refuse(batch, mark.mark_id, mark.content, Refusal.MALFORMED)
    marked_at = _marked_at(batch, mark)
    refusal = _refusal(batch, mark, marked_at)
    if refusal is not None:
        return _refuse(batch, mark.mark_id, mark.model_dump(mode="json"), refusal)
    known = batch.known.get(mark.mark_id)
    if known is not None:
        return HELD if known["standing"] == HELD else DUPLICATE
    row = _row(batch, mark, marked_at)
    batch.known[mark.mark_id] = row
    batch.new.append(row)
    return str(row["standing"])


def _refusal(batch: Batch, mark: MarkBody, marked_at: datetime) -> Refusal | None:
    known = batch.known.get(mark.mark_id)
    if known is not None:
        return None if _is_same(batch, known, mark) else Refusal.MARK_ID_REUSED
    if batch.roll["cancelled"]:
        return Refusal.SESSION_CANCELLED
    occasion = batch.occasions.get(mark.occasion_id)
    if occasion is None or occasion.dropped:
        return Refusal.UNKNOWN_OCCASION
    until = batch.noted.taken.until
    if until is not None and marked_at >= until:
        return Refusal.TRAINER_REPLACED
    return refusal_of(_as_judged(batch, mark, marked_at), day_begins=occasion.day_begins)


def _is_same(batch: Batch, known: Mapping[str, Any], mark: MarkBody) -> bool:
    same_person = mark.participant_id is None or batch.person(mark) == known["participant_id"]
    same = all(known[stored] == getattr(mark, sent) for sent, stored in SENT_AS_STORED.items())
    return bool(same and same_person and known["session_id"] == batch.session_id)


def _as_judged(batch: Batch, mark: MarkBody, marked_at: datetime) -> Mark:
    return Mark(
        mark.mark_id,
        Kind.MARK,
        batch.body.device_id,
        mark.base_version,
        batch.version,
        marked_at,
        mark.status,
        mark.arrived_at,
        mark.left_at,
        mark.minutes,
        mark.absence_reason,
    )


def _marked_at(batch: Batch, mark: MarkBody) -> datetime:
    made = made_at(mark.marked_at, device_time=batch.body.device_time, received_at=batch.unit.recorded_at)
    return made.astimezone(UTC)  # as it will be read again


def _row(batch: Batch, mark: MarkBody, marked_at: datetime) -> dict[str, Any]:
    person = batch.person(mark)
    on_roll = LATE if batch.sealed else RECORDED
    trained = batch.unit.role is Role.TRAINER or batch.body.on_behalf_of is not None
    return {
        **vars(mark),
        "session_id": batch.session_id,
        "participant_id": person,
        "kind": Kind.MARK.value,
        "standing": on_roll if batch.is_on_roll(person) else HELD,
        "device_id": batch.body.device_id,
        "version": batch.version,
        "source": "trainer" if trained else "coordinator",
        "marked_at": marked_at,
        "device_marked_at": mark.marked_at,
        "device_time": batch.body.device_time,
        "received_at": batch.unit.recorded_at,
        "recorded_by": batch.unit.actor,
        "on_behalf_of": batch.body.on_behalf_of,
        "after_seal": batch.sealed,
    }


def _refuse(batch: Batch, mark_id: UUID | None, content: Any, refusal: Refusal) -> Refusal:
    canonical = json.dumps(content, sort_keys=True).encode()
    batch.refused.append(
        {
            "id": batch.unit.ids.uuid7(),
            "session_id": batch.session_id,
            "mark_id": mark_id,
            "problem": refusal.value,
            "content": content,
            "content_hash": hashlib.sha256(canonical).hexdigest(),
            "device_id": batch.body.device_id,
            "refused_for": batch.unit.actor,
            "received_at": batch.unit.recorded_at,
        }
    )
    return refusal
