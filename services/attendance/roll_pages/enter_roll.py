"""Entering a roll by a form: what was changed becomes marks, judged as those of any device."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from starlette.responses import Response

from services.attendance.head_counts.bodies import HeadCountBody
from services.attendance.head_counts.http import post_head_count
from services.attendance.marks.bodies import MarksBody
from services.attendance.marks.record import record_marks
from services.attendance.roll_pages.bodies import EnteredRollBody, Said
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, invalid


async def enter_roll(unit: Unit, session_id: UUID, body: EnteredRollBody, language: str) -> tuple[int, int]:
    """Records what differs from what the form was opened with. Returns how many marks were taken, and how many refused.

    Raises 422 for a part of an occasion without minutes, and for a mark that was taken away.
    """
    said = {person: _said(body, person) for person in {**body.said, **body.minutes}}
    changed = {person: one for person, one in said.items() if one and _coded(*one) != (body.was.get(person) or "")}
    _require_whole(body, said)
    if body.head_count is not None and body.head_count != body.head_count_was:
        count = HeadCountBody(head_count_id=unit.ids.uuid7(), occasion_id=body.occasion_id, count=body.head_count)
        await post_head_count(session_id, count, Response(), unit)
    if not changed:
        return 0, 0
    marks = [_mark(unit, body, person, *one) for person, one in changed.items()]
    return await record_by_page(unit, session_id, marks, language)


async def record_by_page(
    unit: Unit, session_id: UUID, marks: Sequence[Mapping[str, object]], language: str
) -> tuple[int, int]:
    """Records marks that somebody made on a page. Returns how many were taken, and how many refused."""
    now = unit.recorded_at.isoformat()
    batch = MarksBody.model_validate({"device_id": f"page/{unit.actor}"[:200], "device_time": now, "marks": marks})
    results = (await record_marks(unit, session_id, batch, language)).results
    refused = sum(result.outcome == "rejected" for result in results)
    return len(results) - refused, refused


def _said(body: EnteredRollBody, person: UUID) -> tuple[Said, int | None] | None:
    """What is said of a person; minutes alone say that it was a part."""
    said, minutes = body.said.get(person), body.minutes.get(person)
    if minutes is not None and said in (None, "present"):
        return "partial", minutes
    if said is None:
        return ("present", None) if body.rest_present and not body.was.get(person) else None
    return said, minutes


def _coded(said: str, minutes: int | None) -> str:
    return f"{said}:{'' if minutes is None else minutes}"


def _require_whole(body: EnteredRollBody, said: dict[UUID, tuple[Said, int | None] | None]) -> None:
    wrong = []
    for person, one in said.items():
        if one and one[0] == "partial" and one[1] is None:
            sv, en = "Ange hur många minuter personen var med.", "Say how many minutes the person attended."
            wrong.append(FieldError(f"/minutes/{person}", "minutes-missing", sv, en))
        if one is None and body.was.get(person):
            sv, en = "En markering kan ändras men inte tas bort.", "A mark can be changed but not taken away."
            wrong.append(FieldError(f"/said/{person}", "mark-missing", sv, en))
    if wrong:
        raise invalid(*wrong)


def _mark(unit: Unit, body: EnteredRollBody, person: UUID, said: str, minutes: int | None) -> dict[str, object]:
    attended = said in ("present", "partial")
    return {
        "mark_id": str(unit.ids.uuid7()),
        "participant_id": str(person),
        "occasion_id": str(body.occasion_id),
        "status": "present" if attended else "absent",
        "minutes": minutes,
        "absence_reason": None if attended or said == "absent" else said,
        "marked_at": unit.recorded_at.isoformat(),
        "base_version": body.roll_version,
    }
