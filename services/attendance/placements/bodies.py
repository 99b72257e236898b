"""What the calls about placements take and return."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from services.attendance.placements.rules import monday_of
from services.attendance.surveys.bodies import Answers
from shared.contracts.types import MunicipalityCode
from shared.web.bodies import ANSWER, Body
from shared.web.fields import Day, Line
from shared.web.sentences import wrong

BY_ALIAS = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)


def _of_the_calendar(week: str) -> str:
    if monday_of(week) is None:
        raise wrong("no_such_week", "Året har ingen sådan vecka.", "The year has no such week.")
    return week


Week = Annotated[str, StringConstraints(pattern=r"^2[01][0-9]{2}-W[0-9]{2}$"), AfterValidator(_of_the_calendar)]
"""An ISO week: `2026-W37`."""


class PlacementBody(Body):
    """`municipality`: for the project office, of somebody whom several municipalities employ."""

    model_config = BY_ALIAS

    participant_id: UUID
    workplace: Line
    from_: Day = Field(alias="from")
    to: Day | None = None
    outcome: Line | None = None
    municipality: MunicipalityCode | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to and self.to < self.from_:
            raise wrong("before_from", "`to` ligger före `from`.", "`to` lies before `from`.", at="to")
        return self


class PlacementPatch(Body):
    """The fields to change; null empties an optional one."""

    model_config = BY_ALIAS

    workplace: Line | None = None
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    outcome: Line | None = None


class PlacementShown(PlacementBody):
    """`name` is None for protected identity, and where it has not arrived."""

    model_config = ANSWER | BY_ALIAS

    id: UUID
    municipality: MunicipalityCode
    name: str | None
    noted_weeks: int


class WeeklyNoteBody(Body):
    """How a week went."""

    week: Week
    answers: Answers


class WeeklyNotePatch(Body):
    """Other answers."""

    answers: Answers


class WeeklyNoteShown(WeeklyNoteBody):
    model_config = ANSWER

    id: UUID
    version: int
    noted_on: Day
