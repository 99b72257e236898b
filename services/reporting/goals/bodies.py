"""What the calls of goals take and return."""

from typing import Annotated

from pydantic import Field, FiniteFloat

from shared.web.bodies import ANSWER, Body
from shared.web.fields import Line, Why

Sentence = Annotated[Why, Field(max_length=1000)]
Value = int | FiniteFloat | Line
"""A number, or what cannot be counted in words."""


class IndicatorBody(Body):
    """By what a goal is seen. `figure` is the dotted path of a figure, whose value over the project then counts;
    `value` is the office's own otherwise.
    """

    name: Sentence
    target: Value
    figure: Line | None = None
    value: Value | None = None


class GoalBody(Body):
    goal: Sentence
    level: Line
    indicators: Annotated[list[IndicatorBody], Field(max_length=50)]


class IndicatorShown(IndicatorBody):
    model_config = ANSWER


class GoalShown(Body):
    model_config = ANSWER

    goal: str
    level: str
    indicators: list[IndicatorShown]
