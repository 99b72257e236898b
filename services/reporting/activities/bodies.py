"""What the calls of activities take and return."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field

from shared.web.bodies import ANSWER, Body
from shared.web.fields import Day, Line
from shared.web.sentences import wrong
from shared.web.written import as_written

FEWEST = 5
"""Answers: what fewer say is told to nobody."""


def _enough(answers: int) -> int:
    if answers < FEWEST:
        raise wrong(
            "too-few-answers",
            "Färre än 5 svar redovisas inte. Utelämna betyget.",
            "Fewer than 5 answers are told to nobody. Leave the rating out.",
        )
    return answers


class RatingBody(Body):
    """The mean of what `n` people answered."""

    mean: Annotated[float, BeforeValidator(as_written), Field(ge=0, le=10)]
    n: Annotated[int, Field(le=100_000), AfterValidator(_enough)]


class ActivityBody(Body):
    """A breakfast or a network day. `approximate`: the people were not counted one by one."""

    date: Day
    theme: Line
    audience: Line
    count: Annotated[int, Field(ge=0, le=100_000)]
    approximate: bool
    rating: RatingBody | None = None

    def values(self) -> dict[str, Any]:
        """As the table has it."""
        rating = self.rating
        fields = self.model_dump(exclude={"rating"})
        return {**fields, "rating_mean": rating and rating.mean, "rating_n": rating and rating.n}


class ActivityPatch(Body):
    """The fields that change; `rating: null` takes it away."""

    date: Day | None = None
    theme: Line | None = None
    audience: Line | None = None
    count: Annotated[int, Field(ge=0, le=100_000)] | None = None
    approximate: bool | None = None
    rating: RatingBody | None = None


class ActivityShown(ActivityBody):
    model_config = ANSWER

    id: UUID
