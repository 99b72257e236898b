"""What the calls of schedules take and return."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.reporting.reports.bodies import Kind, WrittenPeriod
from services.reporting.schedules.rules import Every
from shared.web.bodies import ANSWER, Body
from shared.web.fields import Email
from shared.web.times import ShownTime


class ScheduleBody(Body):
    """A report of every period, made so many days after its end; `to` get a mail with a link to it."""

    kind: Kind
    every: Every
    days_after: Annotated[int, Field(ge=0, le=366)]
    to: Annotated[list[Email], Field(min_length=1, max_length=20)]
    language: Literal["sv", "en"] = "sv"


class SchedulePatch(Body):
    """The fields that change. Another kind or interval is another schedule."""

    days_after: Annotated[int, Field(ge=0, le=366)] | None = None
    to: Annotated[list[Email], Field(min_length=1, max_length=20)] | None = None
    language: Literal["sv", "en"] | None = None


class DeliveryShown(BaseModel):
    """What became of a period: `sent` once every mail was taken; `failed` says why, and may be run again."""

    period: str
    report: UUID | None
    state: Literal["building", "sending", "sent", "failed"]
    reason: str | None
    at: ShownTime


class ScheduleShown(ScheduleBody):
    """A schedule. The next period is null when the project has no more."""

    model_config = ANSWER

    id: UUID
    next_period: str | None
    next_run: ShownTime | None
    deliveries: list[DeliveryShown]


class RunBody(Body):
    period: WrittenPeriod


class RunShown(BaseModel):
    report: UUID
