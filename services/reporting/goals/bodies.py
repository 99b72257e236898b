"""What the calls of goals take and return."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, FiniteFloat

from shared.web.bodies import ANSWER, Body
from shared.web.fields import Line, Why
from shared.web.problems import FieldError, invalid
from shared.web.written import as_written

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


def _number(value: Any) -> Any:
    """A number where a form's text is one."""
    text = as_written(value)
    try:
        return (float(text) if "." in text else int(text)) if isinstance(text, str) else text
    except ValueError:
        return value


FormValue = Annotated[Value | None, BeforeValidator(_number)]


class IndicatorFieldsBody(Body):
    """An indicator as a form writes it; without a name there is none."""

    name: Sentence | None = None
    target: FormValue = None
    figure: Line | None = None
    value: FormValue = None


class GoalFieldsBody(Body):
    """A goal as a form writes it; without a sentence there is none."""

    goal: Sentence | None = None
    level: Line | None = None
    indicators: Annotated[list[IndicatorFieldsBody], Field(max_length=50)] = []

    def missing(self, at: str) -> Iterator[str]:
        """Pointers to what has to be written too."""
        if self.level is None:
            yield f"{at}/level"
        for place, one in enumerate(self.indicators):
            if one.name and one.target is None:
                yield f"{at}/indicators/{place}/target"

    def stated(self) -> list[IndicatorBody]:
        return [IndicatorBody.model_validate(one.model_dump()) for one in self.indicators if one.name]


class GoalsFieldsBody(Body):
    """All goals as a form writes them."""

    goals: Annotated[list[GoalFieldsBody], Field(max_length=100)]

    def stated(self) -> list[GoalBody]:
        """Those that are written. Raises 422 for a goal without a level, and an indicator without a target."""
        goals = [(place, one) for place, one in enumerate(self.goals) if one.goal]
        if missing := [pointer for place, one in goals for pointer in one.missing(f"/goals/{place}")]:
            raise invalid(*map(_missing, missing))
        return [
            GoalBody.model_validate({"goal": one.goal, "level": one.level, "indicators": one.stated()})
            for _, one in goals
        ]


def _missing(pointer: str) -> FieldError:
    return FieldError(pointer, "missing", "Fyll i fältet.", "Fill in this field.")
