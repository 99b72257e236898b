"""What the form of a roll takes."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.attendance.fields import Minutes
from shared.web.bodies import Body

Said = Literal["present", "partial", "absent", "illness", "work", "other"]


class EnteredRollBody(Body):
    """What the form of one occasion says of each participant; `was`: what it said when it was opened.

    `rest_present`: who has no mark attended the whole occasion.
    """

    occasion_id: UUID
    roll_version: int = Field(ge=0, lt=2**31)
    said: dict[UUID, Said | None] = Field(default_factory=dict)
    minutes: dict[UUID, Minutes | None] = Field(default_factory=dict)
    was: dict[UUID, str | None] = Field(default_factory=dict)
    rest_present: bool = False
    head_count: Annotated[int, Field(ge=0, le=100_000)] | None = None
    head_count_was: int | None = None
