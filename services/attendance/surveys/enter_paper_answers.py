"""Entering a stack of paper answers: published at once, shuffled, each without anything that leads to a person."""

import secrets
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, text

from services.attendance.rolls.lock import lock_roll
from services.attendance.surveys.bodies import SurveyAnswersBody
from services.attendance.surveys.definitions import Survey, newest
from services.attendance.surveys.tables import SurveyEntry
from shared.clock import local_day
from shared.contracts.surveys_v1 import SurveyAnswered, SurveySent
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, conflict, invalid

COUNTED = text(
    "SELECT coalesce(sum(invited), 0) AS invited, coalesce(sum(answered), 0) AS answered FROM survey_entries "
    "WHERE session_id = :session_id AND survey = :survey"
)


async def enter_paper_answers(unit: Unit, session_id: UUID, body: SurveyAnswersBody) -> dict[str, Any]:
    """Publishes the answers. Returns the row that counts them.

    Raises 404 for the session, 409 when it was cancelled, and 422 for wrong answers, answers before the session is
    over, and more of them than people were invited.
    """
    roll = await lock_roll(unit, session_id)  # stacks of one session are counted one after the other
    _require_held(unit, roll)
    survey = newest(body.survey)
    answers = [{key: value for key, value in given.items() if value is not None} for given in body.answers]
    wrong = list(_wrong(survey, answers))
    if wrong:
        raise invalid(*wrong)
    await _require_invited(unit, session_id, body)
    row = _row(unit, session_id, survey, body)
    await unit.execute(insert(SurveyEntry), row)
    if body.invited:
        sent = SurveySent(survey=survey.survey, audience=survey.audience, invited=body.invited)
        unit.emit(sent, key=str(session_id))
    secrets.SystemRandom().shuffle(answers)
    for given in answers:
        unit.emit(_answered(survey, given), key=str(session_id))
    return row


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
    """Counts add up over all stacks of the survey."""
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


def _answered(survey: Survey, given: dict[str, int | str]) -> SurveyAnswered:
    return SurveyAnswered(survey=survey.survey, audience=survey.audience, version=survey.version, answers=given)


def _wrong(survey: Survey, answers: Iterable[dict[str, int | str]]) -> Iterable[FieldError]:
    questions = {question.key: question for question in survey.questions}
    for number, given in enumerate(answers):
        if not given:
            yield FieldError(
                f"/answers/{number}",
                "empty-answer",
                "Svaret är tomt. Utelämna enkäter som ingen har fyllt i.",
                "The answer is empty. Leave out forms that nobody filled in.",
            )
        for key, value in given.items():
            if key not in questions:
                yield FieldError(
                    f"/answers/{number}/{key}",
                    "unknown-question",
                    f"Frågan finns inte. Frågorna är {', '.join(questions)}.",
                    f"There is no such question. The questions are {', '.join(questions)}.",
                )
            elif value not in questions[key].values:
                allowed = ", ".join(str(answer.value) for answer in questions[key].answers)
                yield FieldError(
                    f"/answers/{number}/{key}",
                    "unknown-answer",
                    f"Svaret ska vara ett av {allowed}.",
                    f"The answer must be one of {allowed}.",
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
