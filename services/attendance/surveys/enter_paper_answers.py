"""Entering a stack of paper answers: published at once, shuffled, each without anything that leads to a person."""

import secrets
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, text

from services.attendance.rolls.lock import lock_roll
from services.attendance.surveys.bodies import SurveyAnswersBody
from services.attendance.surveys.checks import Given, given, wrong_answers
from services.attendance.surveys.definitions import Survey, newest
from services.attendance.surveys.events import emit_answers, emit_sent
from services.attendance.surveys.tables import SurveyEntry
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, conflict, invalid

# Whoever got a mail may answer on paper all the same.
COUNTED = text(
    """
    SELECT coalesce(sum(invited), 0) AS invited, coalesce(sum(answered), 0) AS answered
      FROM (SELECT invited, answered FROM survey_entries WHERE session_id = :session_id AND survey = :survey
             UNION ALL
            SELECT invited, answered FROM survey_rounds WHERE session_id = :session_id AND survey = :survey) AS asked
    """
)


async def enter_paper_answers(unit: Unit, session_id: UUID, body: SurveyAnswersBody) -> dict[str, Any]:
    """Publishes the answers. Returns the row that counts them.

    Raises 404 for the session, 409 when it was cancelled, and 422 for wrong answers, answers before the session is
    over, and more of them than people were invited.
    """
    answers = await require_possible(unit, session_id, body)
    survey = newest(body.survey)
    row = _row(unit, session_id, survey, body)
    await unit.execute(insert(SurveyEntry), row)
    emit_sent(unit, session_id, survey, body.invited or 0)
    secrets.SystemRandom().shuffle(answers)
    emit_answers(unit, [(session_id, survey, one) for one in answers])
    return row


async def require_possible(unit: Unit, session_id: UUID, body: SurveyAnswersBody) -> list[Given]:
    """The answers, without what was left blank. Raises as `enter_paper_answers`."""
    roll = await lock_roll(unit, session_id)  # stacks of one session are counted one after the other
    _require_held(unit, roll)
    survey, answers = newest(body.survey), [given(one) for one in body.answers]
    wrong = [error for n, one in enumerate(answers) for error in wrong_answers(survey, one, f"/answers/{n}")]
    if wrong:
        raise invalid(*wrong)
    await _require_invited(unit, session_id, body)
    return answers


def _require_held(unit: Unit, roll: RowMapping) -> None:
    if roll["cancelled"]:
        raise conflict(
            "session-cancelled",
            "Kurstillfället är inställt: ingen kan ha svarat om det. Kontrollera att svaren hör till rätt tillfälle.",
            "The session was cancelled: nobody can have answered about it. Check that the answers belong to it.",
        )
    if unit.recorded_at < roll["ends_at"]:
        raise invalid(
            FieldError(
                "/answers",
                "session-not-over",
                "Kurstillfället är inte slut. Mata in svaren när det sista datumtillfället är över.",
                "The session is not over. Enter the answers when its last occasion has ended.",
            )
        )


async def _require_invited(unit: Unit, session_id: UUID, body: SurveyAnswersBody) -> None:
    """Counts add up over all stacks of the survey, and what was sent and answered by mail."""
    before = await unit.one(COUNTED, {"session_id": session_id, "survey": body.survey})
    invited = before["invited"] + (body.invited or 0)
    if before["answered"] + len(body.answers) > invited:
        more = invited - before["answered"]
        raise invalid(
            FieldError(
                "/answers",
                "more-than-invited",
                f"Inbjudna är {invited}, så {more} svar till kan tas emot. Rätta invited eller antalet svar.",
                f"{invited} were invited, so {more} more answers can be taken. Correct invited or the answers.",
            )
        )


def _row(unit: Unit, session_id: UUID, survey: Survey, body: SurveyAnswersBody) -> dict[str, Any]:
    return {
        "id": unit.ids.uuid7(),
        "session_id": session_id,
        "survey": survey.survey,
        "version": survey.version,
        "invited": body.invited,
        "answered": len(body.answers),
        "entered_on": local_day(unit.recorded_at),
        "entered_by": unit.actor,
    }
