"""Answering by link: the answer goes among those that wait, the link has answered, and neither knows the other."""

from uuid import UUID

from sqlalchemy import RowMapping, text

from services.attendance.surveys.bodies import AnswersBody, LinkShown
from services.attendance.surveys.checks import given, wrong_answers
from services.attendance.surveys.definitions import definition
from services.attendance.surveys.links import CLOSED, find_link, use_up
from services.attendance.surveys.waiting import opened, sealed
from shared.database.unit_of_work import Unit
from shared.web.problems import invalid

ROUND = text("SELECT * FROM survey_rounds WHERE (session_id, survey) = (:session_id, :survey) FOR UPDATE")
PUT_IN = text(
    "UPDATE survey_rounds SET waiting = :waiting, answered = answered + 1 "
    "WHERE (session_id, survey) = (:session_id, :survey)"
)


async def questions_of(unit: Unit, token: str) -> LinkShown:
    """What a link asks. Raises 404, and 410 when nobody can answer any more."""
    async with unit.as_system():
        link = await find_link(unit, token)
    survey = definition(link["survey"], link["version"])
    session = {name: link[name] for name in ("course_title", "starts_at", "ends_at", "closes_at", "answered")}
    return LinkShown(**survey.model_dump(include={"survey", "version", "title", "questions"}), **session)


async def answer(unit: Unit, token: str, body: AnswersBody) -> None:
    """Raises 404 for an unknown link, 409 for one that has answered, 410 when the survey is closed, 422 for answers
    that its questions do not have. In which language somebody answered is kept nowhere: few may share it.
    """
    async with unit.as_system():
        link = await find_link(unit, token)
        await use_up(unit, token)
        answers = given(body.answers)
        wrong = list(wrong_answers(definition(link["survey"], link["version"]), answers, "/answers"))
        if wrong:
            raise invalid(*wrong)
        row = await _open_round(unit, link["session_id"], link["survey"])
        waiting = sealed(unit, row["session_id"], row["survey"], [*opened(unit, row), answers])
        await unit.execute(PUT_IN, {**row, "waiting": waiting})


async def _open_round(unit: Unit, session_id: UUID, survey: str) -> RowMapping:
    """Locked, so that one answer after the other goes in. Raises 410 when it was closed meanwhile."""
    row = await unit.one(ROUND, {"session_id": session_id, "survey": survey})
    if row["waiting"] is None:
        raise CLOSED
    return row
