"""Deciding a contradiction: one of the marks is right, or other minutes are.

The decision is a mark with its reason.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, text, update
from sqlmodel import col

from services.attendance.attestation.correct import record_correction
from services.attendance.cells.contradictions import close_conflict
from services.attendance.cells.fits import require_no_overlap
from services.attendance.cells.rules import ABSENT, PRESENT, Kind
from services.attendance.cells.settle import cells_at, entered, key_of, mark_of, settle
from services.attendance.cells.tables import ConflictRow, MarkRow
from services.attendance.conflicts.bodies import ResolveBody
from services.attendance.occasions.queries import occasions_of
from services.attendance.occasions.rules import Schedule
from services.attendance.rolls.lock import ATTESTED, lock_roll, raise_version
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, conflict, invalid, not_found

CONFLICT = text("SELECT * FROM current_conflicts WHERE id = :id")


async def find_conflict(unit: Unit, conflict_id: UUID) -> RowMapping:
    """The conflict. Raises 404 when there is none, or it is on another trainer's roll."""
    return await unit.found(CONFLICT, {"id": conflict_id}, missing=not_found("Konflikten", "The conflict"))


async def resolve(unit: Unit, conflict_id: UUID, body: ResolveBody) -> None:
    """Records the decision and closes the conflict. On a roll that was sealed the decision is a correction.

    Raises 409 when it is closed already, the roll is sealed, or the minutes overlap with another session; 422 when
    `choose` is neither one of the marks nor within the schedule.
    """
    roll = await lock_roll(unit, (await find_conflict(unit, conflict_id))["session_id"])
    found = await find_conflict(unit, conflict_id)  # again, now that nobody else can decide it
    _require_open(roll, found)
    async with unit.as_system():
        key = key_of(found)
        schedule = (await occasions_of(unit, [found["session_id"]]))[found["occasion_id"]].schedule
        entry = entered(unit, roll, key, Kind.DECISION) | {"reason": body.reason}
        decision = entry | await _chosen(unit, found, body, schedule)
        minutes = mark_of(_complete(decision)).minutes_on(schedule)
        await require_no_overlap(unit, key, schedule, minutes)
        if found["kind"] == "after-seal":
            await _correct(unit, roll, found, decision, minutes)
            return
        await unit.execute(insert(MarkRow), decision)
        await settle(unit, [key], {found["session_id"]: decision["version"]})
        await raise_version(unit, roll, content_changed=True)
        await unit.execute(update(ConflictRow).where(col(ConflictRow.id) == conflict_id).values(reason=body.reason))


async def _correct(unit: Unit, roll: RowMapping, found: RowMapping, decision: dict[str, Any], minutes: int) -> None:
    """What was sealed stands when that was chosen; else it is corrected."""
    key, reason = key_of(found), decision["reason"]
    cell = (await cells_at(unit, [key])).get(key)
    said = {"status": decision["status"], "minutes": minutes, "absence_reason": decision["absence_reason"]}
    chose_minutes = "replaces" not in decision
    same_absence = chose_minutes or said["absence_reason"] == (cell and cell["absence_reason"])
    if same_absence and minutes == (cell["minutes"] if cell else 0):
        await close_conflict(unit, found["id"], cell["mark_id"] if cell else None)
    else:
        await record_correction(unit, roll, key, cell, said, reason=reason, reason_code="other")
    await unit.execute(update(ConflictRow).where(col(ConflictRow.id) == found["id"]).values(reason=reason))


def _require_open(roll: RowMapping, found: RowMapping) -> None:
    if found["resolved_at"] is not None:
        raise conflict(
            "conflict-resolved",
            "Konflikten är redan avgjord. Hämta den för att se hur.",
            "The conflict has been decided already. Get it to see how.",
        )
    if roll["state"] == ATTESTED and found["kind"] != "after-seal":
        raise conflict(
            "roll-sealed",
            "Närvarolistan är attesterad. Rätta den med en rättelse (corrections).",
            "The roll has been attested. Correct it with a correction.",
        )


async def _chosen(unit: Unit, found: RowMapping, body: ResolveBody, schedule: Schedule) -> dict[str, Any]:
    """What the decision says: as the chosen mark, or the minutes given."""
    if isinstance(body.choose, int):
        if not 0 <= body.choose <= schedule.scheduled_minutes:
            raise _wrong_choice(schedule)
        return {"status": PRESENT if body.choose else ABSENT, "minutes": body.choose, "absence_reason": None}
    if body.choose not in found["marks"]:
        raise _wrong_choice(schedule)
    mark = await unit.one(select(MarkRow).where(col(MarkRow.mark_id) == body.choose))
    columns = ("status", "arrived_at", "left_at", "minutes", "absence_reason", "source", "marked_at")
    return {column: mark[column] for column in columns} | {"replaces": mark["mark_id"]}


def _wrong_choice(schedule: Schedule) -> Exception:
    scheduled = schedule.scheduled_minutes
    return invalid(
        FieldError(
            "/choose",
            "wrong-choice",
            f"Välj en av markeringarna, eller minuter från 0 till {scheduled}.",
            f"Choose one of the marks, or minutes from 0 to {scheduled}.",
        )
    )


def _complete(decision: dict[str, Any]) -> dict[str, Any]:
    return {"arrived_at": None, "left_at": None, "minutes": None, "absence_reason": None, **decision}
