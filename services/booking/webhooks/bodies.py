"""What the calls about webhooks take and answer."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.booking.fields import Unique
from shared.web.bodies import Body
from shared.web.fields import Moment
from shared.web.sentences import wrong
from shared.web.times import ShownTime

EventName = Literal[
    "session-scheduled",
    "session-rescheduled",
    "session-capacity-changed",
    "session-cancelled",
    "trainer-assigned",
    "trainer-replaced",
    "registration-confirmed",
    "registration-waitlisted",
    "registration-cancelled",
    "registration-moved-out",
    "registration-substituted",
    "seats-reserved",
    "seats-released",
    "share-released",
]
"""Booking's types of events without prefix and version."""
Url = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")]


class WebhookBody(Body):
    """Where to send which events."""

    url: Url
    events: Annotated[list[EventName], Field(min_length=1), Unique]


class WebhookShown(BaseModel):
    """A webhook; one that answered 410 is `disabled` and gets nothing more."""

    id: UUID
    url: str
    events: list[EventName]
    state: Literal["active", "disabled"]
    created_at: ShownTime
    disabled_at: ShownTime | None


class NewWebhookShown(WebhookShown):
    """With its secret, which is shown this once."""

    secret: str


class SecretShown(BaseModel):
    """The new secret, shown this once. For a day what is sent is signed with the earlier one too."""

    id: UUID
    secret: str


class AttemptShown(BaseModel):
    """One attempt: the status that the receiver answered, else why there was none."""

    at: ShownTime
    status: int | None
    error: str | None


class DeliveryShown(BaseModel):
    """One event on its way to a webhook; `id` is its `webhook-id`."""

    id: UUID
    type: EventName
    state: Literal["pending", "delivered", "failed"]
    attempts: list[AttemptShown]
    next_attempt_at: ShownTime | None
    created_at: ShownTime
    ended_at: ShownTime | None


class ReplayBody(Body):
    """What to send again: everything since a time, or one delivery."""

    since: Moment | None = None
    delivery: UUID | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.since is None) == (self.delivery is None):
            raise wrong(
                "one_of_two",
                "Ange antingen från när (`since`) eller en enda leverans (`delivery`).",
                "Give either since when (`since`) or a single delivery (`delivery`).",
            )
        return self


class ReplayShown(BaseModel):
    """How many deliveries are on their way again."""

    deliveries: int
