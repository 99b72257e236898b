"""What the sessions' calls take and answer."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from services.booking.allocation.rules import State
from services.booking.blackouts.bodies import WarningShown
from services.booking.fields import Support, Unique
from services.booking.sessions.rules import Cause
from shared.contracts.types import MunicipalityCode
from shared.web.bodies import Body
from shared.web.fields import Code, Line, Moment, Prose
from shared.web.times import ShownTime

SeatCount = Annotated[int, Field(ge=0, le=10_000)]
BreakMinutes = Annotated[int, Field(ge=0, le=10_000)]


class OccasionBody(Body):
    """One datumtillfälle. An `occasion_id` that is given again stays the same occasion, moved."""

    occasion_id: UUID | None = None
    starts_at: Moment
    ends_at: Moment
    break_minutes: BreakMinutes = 0


class OccasionShown(BaseModel):
    occasion_id: UUID
    starts_at: ShownTime
    ends_at: ShownTime
    break_minutes: int


class SessionBody(Body):
    """A session. `seat_shares` are guaranteed to their municipalities until `shares_release_at`."""

    course: Code
    host_municipality: MunicipalityCode
    venue: Line
    capacity: Annotated[int, Field(ge=1, le=10_000)]
    min_participants: SeatCount | None = None
    occasions: Annotated[list[OccasionBody], Field(min_length=1, max_length=100)]
    trainers: Annotated[list[UUID], Unique, Field(max_length=50)] = []
    seat_shares: dict[MunicipalityCode, SeatCount] = {}
    shares_release_at: Moment | None = None
    registration_opens_at: Moment | None = None
    cancellation_deadline: Moment
    support: Annotated[list[Support], Unique] = []

    @field_validator("seat_shares", mode="before")
    @classmethod
    def _no_shares(cls, value: Any) -> Any:
        return {} if value is None else value


class SessionPatch(Body):
    """The fields of a session to change; null empties an optional one. `occasions` replaces all of them."""

    course: Code | None = None
    host_municipality: MunicipalityCode | None = None
    venue: Line | None = None
    capacity: int | None = None
    min_participants: int | None = None
    occasions: list[OccasionBody] | None = None
    trainers: list[UUID] | None = None
    seat_shares: dict[MunicipalityCode, int] | None = None
    shares_release_at: Moment | None = None
    registration_opens_at: Moment | None = None
    cancellation_deadline: Moment | None = None
    support: list[Support] | None = None


class SeatsShown(BaseModel):
    """`free`: seats that nobody has, whomever they are guaranteed to. `bookable`: what the caller's municipality could
    get now, beside the shares of others and behind those who wait; the office, which books for all, sees all of these.
    """

    capacity: int
    confirmed: int
    held: int
    free: int
    bookable: int
    waitlisted: int


class CancellationShown(BaseModel):
    """Why and when a session was cancelled. The note is for those who see the seats."""

    cause: Cause
    note: str | None
    at: ShownTime


class SessionShown(BaseModel):
    """A session as everybody reads it; its seats only the office, municipalities and its own trainers.

    `warnings`: blackouts in which it falls, of all for the office, its own for a municipality.
    """

    id: UUID
    course: str
    course_title: str
    duration_minutes: int
    host_municipality: str
    venue: str
    capacity: int
    min_participants: int | None
    occasions: list[OccasionShown]
    trainers: list[UUID]
    seat_shares: dict[str, int]
    shares_release_at: ShownTime | None
    registration_opens_at: ShownTime | None
    cancellation_deadline: ShownTime
    support: list[str]
    state: State
    cancellation: CancellationShown | None
    seats: SeatsShown | None
    warnings: list[WarningShown] = []


class CancelBody(Body):
    """Why a session is cancelled."""

    cause: Cause
    note: Prose | None = None


class RescheduleBody(Body):
    """The new occasions, and the new venue if that changes too.

    `force` cancels the registrations of those who have another session at the new time.
    """

    occasions: Annotated[list[OccasionBody], Field(min_length=1, max_length=100)]
    venue: Line | None = None
    force: bool = False
