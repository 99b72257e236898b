"""Noting how a week went, and correcting what was noted."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import RowMapping, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.attendance.placements.bodies import WeeklyNoteBody, WeeklyNotePatch
from services.attendance.placements.problems import AHEAD, OUTSIDE, already_noted
from services.attendance.placements.rules import monday_of
from services.attendance.placements.tables import WeeklyNote
from services.attendance.surveys.bodies import Answers
from services.attendance.surveys.checks import Given, given, wrong_answers
from services.attendance.surveys.definitions import definition, newest
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, invalid

PLACEMENT = "placement"


async def note_week(unit: Unit, placement: RowMapping, body: WeeklyNoteBody) -> dict[str, Any]:
    """Returns the row. Raises 409 for a week that was noted, 422 for one outside the placement or ahead, and for
    answers that the questions do not have.
    """
    asked, today = newest(PLACEMENT), local_day(unit.recorded_at)
    wrong = list(_wrong_week(placement, body.week, today))
    answers = _checked(body.answers, asked.version, wrong)
    row = {
        "id": unit.ids.uuid7(),
        "placement_id": placement["id"],
        "week": body.week,
        "version": asked.version,
        "answers": answers,
        "noted_on": today,
        "noted_by": unit.actor,
        "revision": 1,
    }
    added = insert(WeeklyNote).on_conflict_do_nothing(index_elements=["placement_id", "week"])
    if await unit.scalar(added.returning(col(WeeklyNote.id)), row) is None:
        raise already_noted(body.week)
    return row


async def correct_note(unit: Unit, row: RowMapping, patch: WeeklyNotePatch | WeeklyNoteBody) -> dict[str, Any]:
    """The row with other answers, to the questions that it answered."""
    answers = _checked(patch.answers, row["version"], [])
    changed = {"answers": answers, "revision": row["revision"] + 1, "noted_by": unit.actor}
    await unit.execute(update(WeeklyNote).where(col(WeeklyNote.id) == row["id"]).values(**changed))
    return {**row, **changed}


def _checked(answers: Answers, version: int, wrong: list[FieldError]) -> Given:
    chosen = given(answers)
    wrong += wrong_answers(definition(PLACEMENT, version), chosen, "/answers")
    if wrong:
        raise invalid(*wrong)
    return chosen


def _wrong_week(placement: RowMapping, week: str, today: date) -> list[FieldError]:
    monday = monday_of(week)
    assert monday is not None, "checked by the body"
    sunday = monday + timedelta(days=6)
    if sunday < placement["from_day"] or (placement["to_day"] and monday > placement["to_day"]):
        return [OUTSIDE]
    return [AHEAD] if monday > today else []
