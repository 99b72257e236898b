"""What happened to a roll, in order: who did what, when and how."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.attendance.attestation.seals import seals_of
from services.attendance.cells.tables import ConflictRow, MarkRelease
from services.attendance.head_counts.tables import HeadCount
from services.attendance.marks.tables import RefusedMark
from services.attendance.rolls.lock import find_roll
from shared.database.unit_of_work import Unit
from shared.security.roles import Role

MARKS = text("SELECT * FROM current_marks WHERE session_id = :session_id ORDER BY received_at, mark_id")


@dataclass(frozen=True)
class Chapter:
    """One act. `kind`: marks, correction, decision, seal, discarded, released, refused, conflict, head-count.

    Marks that came together in one sending are one act; `rows` has them. `by` is a login, which tells nobody anything:
    `role` is what it acted as, None where nothing says so, and `trainer` who it was, or for whom.
    """

    at: datetime
    kind: str
    by: str
    rows: Sequence[Mapping[str, Any] | RowMapping] = field(default_factory=tuple)
    role: str | None = None
    trainer: UUID | None = None


async def history_of(unit: Unit, session_id: UUID) -> list[Chapter]:
    """All acts on a roll, oldest first."""
    roll = await find_roll(unit, session_id)
    marks = await unit.all(MARKS, {"session_id": session_id})
    seals = await seals_of(unit, session_id)
    roles = {"system": "system", **{row["attested_by"]: row["attested_as"] for row in seals}}
    roles |= {row["recorded_by"]: str(_role_of(row)) for row in marks}
    return [_told(chapter, roles, roll) for chapter in await _chapters(unit, session_id, marks, seals)]


def _told(chapter: Chapter, roles: Mapping[str, str], roll: RowMapping) -> Chapter:
    """The chapter with who acted: a trainer by name where only one can have been. Who taught beside somebody that left
    later nobody knows any more.
    """
    role = _role_of(chapter.rows[0]) or roles.get(chapter.by)
    sent_for = chapter.rows[0].get("on_behalf_of")
    if role != Role.TRAINER or sent_for:
        return replace(chapter, role=role, trainer=UUID(str(sent_for)) if sent_for else None)
    left_later = any(datetime.fromisoformat(at) > chapter.at for at in roll["former_trainers"].values())
    is_one = len(roll["trainers"]) == 1 and not left_later
    return replace(chapter, role=role, trainer=UUID(roll["trainers"][0]) if is_one else None)


def _role_of(row: Mapping[str, Any] | RowMapping) -> str | None:
    """In which role it was done, where the row says so."""
    said: str | None = row.get("attested_as") or ("coordinator" if row.get("on_behalf_of") else row.get("source"))
    return said


async def _chapters(
    unit: Unit, session_id: UUID, marks: Sequence[RowMapping], seals: Sequence[RowMapping]
) -> list[Chapter]:
    return sorted(
        [
            *_sendings(row for row in marks if row["kind"] == "mark"),
            *(
                Chapter(row["received_at"], row["kind"], row["recorded_by"], [row])
                for row in marks
                if row["kind"] != "mark"
            ),
            *(Chapter(row["attested_at"], "seal", row["attested_by"], [_sealed(row)]) for row in seals),
            *await _of_table(unit, MarkRelease, session_id, "released_at", "released_by", "released"),
            *await _of_table(unit, RefusedMark, session_id, "received_at", "refused_for", "refused"),
            *await _of_table(unit, ConflictRow, session_id, "opened_at", "kind", "conflict"),
            *await _of_table(unit, HeadCount, session_id, "recorded_at", "recorded_by", "head-count"),
        ],
        key=lambda chapter: chapter.at,
    )


def _sendings(marks: Iterable[RowMapping]) -> list[Chapter]:
    sent: dict[tuple[Any, ...], list[RowMapping]] = {}
    for row in marks:
        sent.setdefault((row["received_at"], row["recorded_by"], row["device_id"], row["source"]), []).append(row)
    return [Chapter(key[0], "marks", key[1], rows) for key, rows in sent.items()]


def _sealed(row: RowMapping) -> dict[str, Any]:
    lines = row["content"]["lines"]
    people = len({line["participant_id"] for line in lines})
    return {**row, "people": people, "minutes": sum(line["minutes"] for line in lines)}


async def _of_table(unit: Unit, table: Any, session_id: UUID, at: str, by: str, kind: str) -> list[Chapter]:
    rows = await unit.all(select(table).where(col(table.session_id) == session_id))
    return [Chapter(row[at], kind, row[by], [row]) for row in rows]
