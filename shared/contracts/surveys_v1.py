"""Anonymous answers. Key: session id. Nothing in an answer leads to a person, not even the time of day."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from shared.contracts.registry import EventData, event
from shared.contracts.topics import SURVEYS
from shared.contracts.types import Count, Number

Audience = Literal["participant", "manager"]
# A code or a number: free text would let a person be recognised.
AnswerCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$")]


@event("surveys.survey-sent.v1", topic=SURVEYS, about="survey-sent/{event_id}", projection="invitation")
class SurveySent(EventData):
    """So many more were invited; counts add up."""

    survey: str
    audience: Audience
    invited: Count


@event(
    "surveys.survey-answered.v1", topic=SURVEYS, traced=False, about="survey-answered/{event_id}", projection="answer"
)
class SurveyAnswered(EventData):
    """One answer to version `version` of the questions."""

    survey: str
    audience: Audience
    version: Number
    answers: dict[str, AnswerCode | Number]
