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
    staff: list[UUID]
    municipalities: list[str]


class EntryShown(BaseModel):
    """One place in the queue. Of another municipality's entry only its place and age are told."""

    position: int
    since: ShownTime
    entry: UUID | None = None
    municipality: str | None = None
    staff: UUID | None = None
    group: GroupShown | None = None
    why_not_yet: str | None = None
    why_not_yet_code: str | None = None


class DecisionShown(BaseModel):
    """A decision of the past about an entry that the reader may see."""

    at: ShownTime
    entry: UUID
    decision: Literal["promoted", "skipped", "moved"]
    reason: str
    reason_code: str


class QueueShown(BaseModel):
    """The queue from its head, and every decision from the first; a municipality reads those about its own entries."""

    entries: list[EntryShown]
    decisions: list[DecisionShown]


class MoveBody(Body):
    """Which entry goes to which position (1 is the head), and why. A waiting registration names its entry too.

    `promote` gives it a seat that is free, past those ahead and also when promotion by itself has stopped.
    """

    entry: UUID
    position: Annotated[int, Field(ge=1)]
    reason: WhyMoved
    promote: bool = False
