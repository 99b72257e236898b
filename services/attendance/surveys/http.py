"""Surveys: the questions, answers by link, and answers entered from paper."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import col

from services.attendance.rolls.lock import find_roll
from services.attendance.surveys.answer import answer, questions_of
from services.attendance.surveys.bodies import AnswersBody, EntryShown, LinkShown, SurveyAnswersBody
from services.attendance.surveys.definitions import Survey, definitions
from services.attendance.surveys.enter_paper_answers import enter_paper_answers
from services.attendance.surveys.tables import SurveyEntry
from shared.web.admission import by_link
from shared.web.cursors import Listing, Paging
from shared.web.fields import Named
from shared.web.openapi import problems
from shared.web.problems import not_found
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="surveys")
CLOSED: dict[int | str, Any] = {410: problems("survey-closed")}


@router.get("/v1/surveys")
async def list_surveys(page: Paging, unit: Unit = allow(Role.COORDINATOR)) -> Listing[Survey]:
    """The questions of every survey, all versions."""
    after = page.key(str, int) or ("", 0)
    known = sorted(definitions(), key=lambda survey: (survey.survey, survey.version))
    rows = [survey for survey in known if (survey.survey, survey.version) > tuple(after)]
    return page.answer(rows[: page.fetch], lambda survey: [survey.survey, survey.version], lambda survey: survey)


@router.get("/v1/surveys/answers/{token}", responses=CLOSED)
async def show_questions(token: Named, unit: Unit = allow(by=by_link)) -> LinkShown:
    """What a link asks, in all languages."""
    return await questions_of(unit, token)


@router.post("/v1/surveys/answers/{token}", status_code=201, responses={**CLOSED, 409: problems("already-answered")})
async def post_answers(token: Named, body: AnswersBody, unit: Unit = allow(by=by_link)) -> LinkShown:
    """Answers, once. What was answered can be read back by nobody; the language is kept nowhere."""
    await answer(unit, token, body)
    return await questions_of(unit, token)


@router.post(
    "/v1/sessions/{session_id}/survey-answers", status_code=201, responses={409: problems("session-cancelled")}
)
async def post_survey_answers(
    session_id: UUID, body: SurveyAnswersBody, unit: Unit = allow(Role.COORDINATOR)
) -> EntryShown:
    """Enters a stack of paper answers. Send it with an Idempotency-Key: it has no id of its own to be known by."""
    return _shown(await enter_paper_answers(unit, session_id, body))


@router.get("/v1/sessions/{session_id}/survey-answers")
async def list_survey_answers(
    session_id: UUID, page: Paging, unit: Unit = allow(Role.COORDINATOR)
) -> Listing[EntryShown]:
    """The stacks entered for a session, oldest first."""
    await find_roll(unit, session_id)
    statement = select(SurveyEntry).where(col(SurveyEntry.session_id) == session_id)
    rows = await unit.all(page.cut(statement, col(SurveyEntry.id)))
    return page.answer(rows, lambda row: [row["id"]], _shown)


@router.get("/v1/sessions/{session_id}/survey-answers/{entry_id}")
async def show_survey_answers(
    session_id: UUID, entry_id: UUID, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[EntryShown]:
    """One stack."""
    statement = select(SurveyEntry).where(col(SurveyEntry.id) == entry_id, col(SurveyEntry.session_id) == session_id)
    row = await unit.found(statement, missing=not_found("Enkätsvaren", "The survey answers"))
    return Versioned(_shown(row), 1)


def _shown(row: RowMapping | dict[str, Any]) -> EntryShown:
    return EntryShown(**{name: row[name] for name in EntryShown.model_fields})
