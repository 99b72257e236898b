"""What is published of surveys: counts, and answers without anything that leads to a person."""

from collections.abc import Iterable
from uuid import UUID

from services.attendance.surveys.checks import Given
from services.attendance.surveys.definitions import Survey
from shared.contracts.surveys_v1 import SurveyAnswered, SurveySent
from shared.database.unit_of_work import Unit


def emit_sent(unit: Unit, session_id: UUID, survey: Survey, invited: int) -> None:
    """So many more were invited."""
    if invited:
        assert survey.audience != "placement"
        unit.emit(SurveySent(survey=survey.survey, audience=survey.audience, invited=invited), key=str(session_id))


def emit_answers(unit: Unit, answers: Iterable[tuple[UUID, Survey, Given]]) -> None:
    """In the order given: shuffle them."""
    for session_id, survey, given in answers:
        assert survey.audience != "placement"
        data = SurveyAnswered(
            survey=survey.survey, audience=survey.audience, version=survey.version, answers=dict(given)
        )
        unit.emit(data, key=str(session_id))
