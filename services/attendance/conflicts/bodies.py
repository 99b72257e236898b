"""What the conflict inbox takes and returns."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field, StrictInt

from services.attendance.fields import Reason
from services.attendance.marks.bodies import StoredMarkShown
from shared.web.bodies import Body
from shared.web.times import ShownTime


class ResolutionShown(BaseModel):
    """How it ended: `mark_id` is the decision, the correction, or the mark with which all agree now."""

    mark_id: UUID | None
    at: ShownTime
    by: str
    reason: str | None


class ContradictingMarkShown(StoredMarkShown):
    """`minutes`: what choosing this mark gives."""

    minutes: int


class ConflictShown(BaseModel):
    """A contradiction: `marks` that say different things, an `overlap` with minutes in another session, or marks that
    came `after-seal` and say something else than the sealed roll; none of them `after_seal`: what it had yielded
    to another session, that one gave up after the seal.
    """

    id: UUID
    session_id: UUID
    occasion_id: UUID
    participant_id: UUID
    name: str | None
    kind: Literal["marks", "overlap", "after-seal"]
    state: Literal["open", "resolved"]
    opened_at: ShownTime
    marks: list[ContradictingMarkShown]
    resolution: ResolutionShown | None


class ResolveBody(Body):
    """`choose`: the id of one of the contradicting marks, or the minutes that are right."""

    choose: StrictInt | UUID
    reason: Reason


class DecisionBody(Body):
    """The form of a decision: one of the marks, or other minutes."""

    choose: UUID | Literal["minutes"]
    minutes: int | None = Field(default=None, ge=0, lt=2**31)
    reason: Reason
