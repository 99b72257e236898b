"""What the calls of marks take and return."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, SkipValidation, model_validator

from services.attendance.fields import Name, Reason
from shared.web.bodies import Body
from shared.web.fields import Moment
from shared.web.sentences import wrong
from shared.web.times import ShownTime

AbsenceReason = Literal["illness", "work", "other"]
Outcome = Literal["accepted", "duplicate", "held", "conflict", "rejected"]


class MarkBody(Body):
    """One mark. The id is made by the device, so that it can send the mark again without harm.

    Present without `minutes` or times: the whole occasion. `base_version`: the roll version that the device had seen.
    """

    mark_id: UUID
    participant_id: UUID | None = None
    walk_in_id: UUID | None = None
    occasion_id: UUID
    status: Literal["present", "absent"]
    arrived_at: Moment | None = None
    left_at: Moment | None = None
    minutes: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
    absence_reason: AbsenceReason | None = None
    marked_at: Moment
    base_version: int = Field(ge=0, lt=2**31)

    @model_validator(mode="after")
    def _names_one_person(self) -> "MarkBody":
        if (self.participant_id is None) == (self.walk_in_id is None):
            raise wrong(
                "one_person",
                "Ange antingen participant_id eller walk_in_id.",
                "Give either participant_id or walk_in_id.",
            )
        return self


class MarksBody(Body):
    """A batch of one device; `device_time` is what its clock says while it sends.

    A coordinator who sends it for a trainer says for whom (`on_behalf_of`, a trainer of the session). Each mark is read
    by itself (`read_mark`): one that is malformed is rejected, and the others are recorded.
    """

    device_id: Name
    device_time: Moment
    on_behalf_of: UUID | None = None
    marks: Annotated[list[SkipValidation[MarkBody]], Field(max_length=2000)]


class MarkResultShown(BaseModel):
    """What became of one mark. `held`: the registration has not arrived yet. `problem` says why it was rejected.

    `mark_id` is null for a mark that had none.
    """

    mark_id: UUID | None
    outcome: Outcome
    problem: dict[str, Any] | None = None


class MarksShown(BaseModel):
    """One result per mark, in the order sent."""

    results: list[MarkResultShown]
    roll_version: int


class StoredMarkShown(BaseModel):
    """A mark as it was made and recorded; `mark_id` is its `id`.

    `standing`: recorded, held, discarded, or late (it came after the seal); `minutes` only when given outright.
    `marked_at` by our clock, `device_marked_at` by the device's.
    """

    id: UUID
    mark_id: UUID
    participant_id: UUID | None
    walk_in_id: UUID | None
    occasion_id: UUID
    kind: Literal["mark", "decision", "correction"]
    standing: Literal["recorded", "held", "discarded", "late"]
    status: Literal["present", "absent"]
    arrived_at: ShownTime | None
    left_at: ShownTime | None
    minutes: int | None
    absence_reason: str | None
    source: str
    device_id: str
    marked_at: ShownTime
    device_marked_at: ShownTime
    received_at: ShownTime
    recorded_by: str
    on_behalf_of: UUID | None
    after_seal: bool
    base_version: int
    roll_version: int
    replaces: UUID | None
    reason: str | None
    reason_code: str | None


class RefusedMarkShown(BaseModel):
    """A mark that was refused, as it came; `problem` is the name that the device got."""

    id: UUID
    mark_id: UUID | None
    problem: str
    content: Any
    device_id: str
    refused_for: str
    received_at: ShownTime


class DiscardBody(Body):
    """Why a held mark is given up."""

    reason: Reason
