"""What the calls of sessions and their rolls return."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from shared.web.times import ShownTime

RollState = Literal["open", "attested", "reopened"]


class OccasionShown(BaseModel):
    """One dated part of a session."""

    occasion_id: UUID
    starts_at: ShownTime
    ends_at: ShownTime
    break_minutes: int


class OccasionOnRollShown(OccasionShown):
    """`scheduled_minutes`: what full attendance is worth. `head_count`: people counted without names, never hours."""

    scheduled_minutes: int
    head_count: int | None = None


class CountsShown(BaseModel):
    """`people`: confirmed. The others count person and occasion, `minutes` sums what is marked."""

    people: int
    present: int
    absent: int
    unmarked: int
    minutes: int
    held: int
    conflicts: int


class SessionShown(BaseModel):
    """A session with the state of its roll; `state` and `roll_state` are the same."""

    id: UUID
    course: str
    course_title: str
    host_municipality: str
    venue: str
    cancelled: bool
    trainers: list[UUID]
    occasions: list[OccasionShown]
    state: RollState
    roll_state: RollState
    roll_version: int
    counts: CountsShown


class MarkShown(BaseModel):
    """What counts for one person on one occasion.

    `corrected`: a correction or a decision, with its reason in marks.
    """

    occasion_id: UUID
    status: Literal["present", "absent"]
    minutes: int
    source: Literal["trainer", "coordinator", "qr"]
    marked_at: ShownTime
    absence_reason: str | None
    mark_id: UUID
    corrected: bool


class PersonOnRollShown(BaseModel):
    """A person on the roll. `registration` other than confirmed: gave the seat up, and attended all the same.

    Cells without a mark, and those in conflict, are not in `marks`: they count 0 minutes. `signed` is false as long
    as the person has not certified the minutes.
    """

    participant_id: UUID
    name: str | None
    masked: bool
    municipality: str
    support_needs: list[str]
    marks: list[MarkShown]
    signed: bool = False
    registration: str


class HeldMarkShown(BaseModel):
    """What was marked of a walk-in on one occasion last; it counts once somebody has said who it was."""

    occasion_id: UUID
    status: Literal["present", "absent"]
    minutes: int | None
    marked_at: ShownTime
    mark_id: UUID


class WalkInOnRollShown(BaseModel):
    """Somebody who came and has no registration yet. `municipality` as whoever took the person in said."""

    walk_in_id: UUID
    municipality: str | None
    came_at: ShownTime
    marks: list[HeldMarkShown]


class OpenConflictShown(BaseModel):
    """A contradiction on this roll that nobody has decided."""

    id: UUID
    participant_id: UUID
    occasion_id: UUID


class RollShown(BaseModel):
    """The roll. `sealed_hash` differs from `content_hash` when something changed after the roll was attested."""

    session_id: UUID
    roll_version: int
    content_hash: str
    state: RollState
    sealed_hash: str | None
    occasions: list[OccasionOnRollShown]
    people: list[PersonOnRollShown]
    walk_ins: list[WalkInOnRollShown]
    conflicts: list[OpenConflictShown]
