"""What the calls about the waiting list take and answer."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.web.bodies import Body
from shared.web.fields import Why
from shared.web.times import ShownTime

WhyMoved = Annotated[Why, Field(max_length=1000)]


class GroupShown(BaseModel):
    """A group that waits as one: `needs` of its `size` persons must get seats at once; `all` is never split."""

    policy: Literal["all", "at_least", "any"]
    size: int
    needs: int
    staff: list[UUID] | None
    municipalities: list[str] | None


class EntryShown(BaseModel):
    """One place in the queue. Of another municipality's entry only its place, size and age are told."""

    position: int
    entry: UUID | None
    municipality: str | None
    staff: UUID | None
    since: ShownTime
    group: GroupShown | None
    why_not_yet: str | None
    why_not_yet_code: str | None


class DecisionShown(BaseModel):
    """A decision of the past; `entry` is null for another municipality's, and so is a coordinator's own wording."""

    at: ShownTime
    entry: UUID | None
    decision: Literal["promoted", "skipped", "moved"]
    reason: str
    reason_code: str


class QueueShown(BaseModel):
    """The queue from its head, and every decision about it from the first."""

    entries: list[EntryShown]
    decisions: list[DecisionShown]


class MoveBody(Body):
    """Which entry goes to which position (1 is the head), and why. A waiting registration names its entry too."""

    entry: UUID
    position: Annotated[int, Field(ge=1)]
    reason: WhyMoved
