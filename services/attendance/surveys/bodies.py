"""What the calls of survey answers take and return."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StrictInt, StrictStr

from services.attendance.surveys.definitions import Question, Words
from shared.web.bodies import Body
from shared.web.fields import Prose
from shared.web.times import ShownTime

Key = Annotated[str, Field(max_length=60)]
Answers = Annotated[dict[Key, StrictInt | Annotated[StrictStr, Field(max_length=60)] | None], Field(max_length=50)]
"""By question; a question that was left blank is null or missing."""


class EntryShown(BaseModel):
    """One stack of paper answers, counted; the answers themselves cannot be read back."""

    id: UUID
    session_id: UUID
    survey: str
    version: int
    invited: int | None
    answered: int
    entered_on: date


class AnswersBody(Body):
    """Answers by link, and the language in which the questions were read."""

    answers: Answers
    language: Literal["sv", "sv_easy", "en"] = "sv"


class LinkShown(BaseModel):
    """What a link asks, and about which session; `answered`: there is nothing more to do."""

    survey: str
    version: int
    title: Words
    questions: list[Question]
    course_title: str
    starts_at: ShownTime
    ends_at: ShownTime
    closes_at: ShownTime
    answered: bool


class SurveyAnswersBody(Body):
    """`invited`: how many more were asked; it adds up, and without it nobody more was."""

    survey: Literal["participant", "manager"]
    invited: int | None = Field(default=None, ge=0, le=100_000)
    answers: list[Answers] = Field(max_length=5000)


class PaperBody(Body):
    """A stack of paper answers as it is typed in: a line a form, a digit a question."""

    survey: Literal["participant", "manager"]
    invited: int | None = Field(default=None, ge=0, le=100_000)
    answers: Prose
