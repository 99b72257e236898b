"""What the calls of phones take and return."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, SkipValidation, model_validator

from services.attendance.fields import Name
from services.attendance.head_counts.bodies import HeadCountBody
from services.attendance.marks.bodies import MarkBody, Outcome
from services.attendance.rolls.bodies import RollShown
from services.attendance.walk_ins.bodies import WalkInBody
from shared.web.bodies import Body
from shared.web.fields import Moment
from shared.web.sentences import wrong
from shared.web.times import ShownTime

MOST_MARKS = 2000
MOST_HOURS = 24 * 365


class CheckInShown(BaseModel):
    """From what a phone makes the check-in codes of an occasion (TOTP, RFC 6238). `seed` is base32."""

    occasion_id: UUID
    seed: str
    period_seconds: int


class DayRollShown(RollShown):
    """A roll to take along, with the ETag that it has by itself. Without names once it is attested."""

    course_title: str
    venue: str
    etag: str
    check_in: list[CheckInShown]


class DayShown(BaseModel):
    """A trainer's rolls of a day. `forget`: sessions of which a phone keeps nothing that it had before; what this
    answer says of them holds.
    """

    server_time: ShownTime
    trainer_id: UUID
    rolls: list[DayRollShown]
    forget: list[UUID]


class SyncSessionBody(Body):
    """What a phone noted on one session. Each part is read by itself: what is wrong with one is said of it alone."""

    session_id: UUID
    walk_ins: Annotated[list[SkipValidation[WalkInBody]], Field(max_length=500)] = []
    head_counts: Annotated[list[SkipValidation[HeadCountBody]], Field(max_length=500)] = []
    marks: Annotated[list[SkipValidation[MarkBody]], Field(max_length=MOST_MARKS)] = []


class SyncBody(Body):
    """What a phone noted; `device_time` is what its clock says while it sends.

    `trainer_id`: who noted it. A phone that several trainers share sends nothing in another's name.
    """

    device_id: Name
    device_time: Moment
    trainer_id: UUID | None = None
    sessions: Annotated[list[SyncSessionBody], Field(max_length=200)]

    @model_validator(mode="after")
    def _not_too_many(self) -> "SyncBody":
        if sum(len(each.marks) for each in self.sessions) > MOST_MARKS:
            raise wrong(
                "too_many_marks",
                f"Skicka högst {MOST_MARKS} markeringar i taget.",
                f"Send at most {MOST_MARKS} marks at a time.",
                at="sessions",
            )
        return self


class SyncResultShown(BaseModel):
    """What became of a walk-in, a head count or a mark: one of the three ids says which. `problem`: why not."""

    walk_in_id: UUID | None = None
    head_count_id: UUID | None = None
    mark_id: UUID | None = None
    outcome: Outcome
    problem: dict[str, Any] | None = None


class SyncedSessionShown(BaseModel):
    """The answer for one session: 200 with a result for each part in the order walk-ins, head counts, marks; else the
    status and the problem by which all of it was refused.
    """

    session_id: UUID
    status: int
    problem: dict[str, Any] | None = None
    results: list[SyncResultShown]
    roll_version: int | None


class SyncShown(BaseModel):
    """One answer for each session, in the order sent."""

    server_time: ShownTime
    sessions: list[SyncedSessionShown]


class PhoneFileBody(Body):
    """What a phone saved. `clock_off`: by how many milliseconds its clock was behind the server's."""

    format: Literal["kursnav-phone/1"]
    saved_at: Moment
    clock_off: int = Field(ge=-MOST_HOURS * 3_600_000, le=MOST_HOURS * 3_600_000)
    device_id: str
    trainer_id: UUID
    sessions: list[SyncSessionBody]
