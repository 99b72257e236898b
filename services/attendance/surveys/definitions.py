"""The questions, as versioned data in Swedish, easy Swedish and English. The newest version of a survey is asked."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, TypeAdapter

from shared.contracts.surveys_v1 import Audience

FILE = Path(__file__).with_name("definitions.json")


class Words(BaseModel):
    """One text in the three languages."""

    sv: str
    sv_easy: str
    en: str


class Answer(BaseModel):
    """A possible answer."""

    value: int | str
    text: Words


class Question(BaseModel):
    """One question."""

    key: str
    text: Words
    answers: list[Answer]

    @property
    def values(self) -> set[int | str]:
        """What may be answered."""
        return {answer.value for answer in self.answers}


class Survey(BaseModel):
    """One version of a survey's questions."""

    survey: str
    audience: Audience | Literal["placement"]
    version: int
    title: Words
    questions: list[Question]


@cache
def definitions() -> tuple[Survey, ...]:
    """Every version of every survey."""
    return tuple(TypeAdapter(list[Survey]).validate_json(FILE.read_bytes()))


def definition(survey: str, version: int) -> Survey:
    """One version, as it was asked."""
    return next(known for known in definitions() if (known.survey, known.version) == (survey, version))


def newest(survey: str) -> Survey:
    """The version that is asked now."""
    return max((known for known in definitions() if known.survey == survey), key=lambda known: known.version)
