"""Sessions and everything that happens to their seats. Key: session id."""

from functools import partial
from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.registry import FACT_ONLY, EventData, Part, event
from shared.contracts.topics import BOOKING
from shared.contracts.types import Count, Minutes, MunicipalityCode, Position, Utc

SessionState = Literal["scheduled", "cancelled", "completed"]
CancellationCause = Literal["trainer-absent", "too-few", "venue", "blackout", "other"]
ConfirmedVia = Literal["single", "group", "import", "reservation", "promotion", "walk-in", "substitution", "move"]
CancelledWas = Literal["confirmed", "waitlisted"]
CancelledBy = Literal["municipality", "coordinator", "system"]

_SESSION_KEY = "{session_id}"
_session = partial(event, topic=BOOKING, key=_SESSION_KEY, about="session/{key}", projection="session")
_registration = partial(
    event,
    topic=BOOKING,
    key=_SESSION_KEY,
    about="registration/{key}/{registration_id}",
    projection="registration",
)


class Occasion(Part):
    """One dated part of a session; `break_minutes` lie between start and end."""

    occasion_id: UUID
    starts_at: Utc
    ends_at: Utc
    break_minutes: Minutes


class SessionEvent(EventData):
    """The full state of a session, carried by every `session-*` event; `course` is the course code."""

    session_id: UUID
    course: str
    course_title: str
    duration_minutes: Minutes
    host_municipality: MunicipalityCode
    venue: str
    capacity: Count
    occasions: tuple[Occasion, ...]
    trainers: tuple[UUID, ...]
    support: tuple[str, ...]
    cancellation_deadline: Utc
    state: SessionState


@_session("booking.session-scheduled.v1")
class SessionScheduled(SessionEvent):
    pass


@_session("booking.session-rescheduled.v1")
class SessionRescheduled(SessionEvent):
    pass


@_session("booking.session-capacity-changed.v1")
class SessionCapacityChanged(SessionEvent):
    pass


@_session("booking.session-cancelled.v1")
class SessionCancelled(SessionEvent):
    cause: CancellationCause


@event("booking.trainer-assigned.v1", topic=BOOKING, about="trainer-assigned/{event_id}", projection=FACT_ONLY)
class TrainerAssigned(EventData):
    trainer_id: UUID


@event("booking.trainer-replaced.v1", topic=BOOKING, about="trainer-replaced/{event_id}", projection=FACT_ONLY)
class TrainerReplaced(EventData):
    from_: UUID = Field(validation_alias="from", serialization_alias="from")
    to: UUID


class RegistrationEvent(EventData):
    """Who stands on which session, on behalf of which employer."""

    registration_id: UUID
    session_id: UUID
    participant_id: UUID
    municipality: MunicipalityCode
    employment_id: UUID


@_registration("booking.registration-confirmed.v1")
class RegistrationConfirmed(RegistrationEvent):
    """A seat is taken.

    `replaces` is the registration whose seat it took over, `from_session` where the person came from.
    """

    via: ConfirmedVia
    walk_in_id: UUID | None = None
    from_session: UUID | None = None
    replaces: UUID | None = None


@_registration("booking.registration-waitlisted.v1")
class RegistrationWaitlisted(RegistrationEvent):
    position: Position


@_registration("booking.registration-cancelled.v1")
class RegistrationCancelled(RegistrationEvent):
    """`late`: after the deadline; `neutral`: not held against the municipality. The reason stays in booking."""

    was: CancelledWas
    late: bool
    neutral: bool
    by: CancelledBy


@_registration("booking.registration-moved-out.v1", minor=1)
class RegistrationMovedOut(RegistrationEvent):
    """`late`: a seat was left after the deadline (since minor 1; before it a move was never late)."""

    to_session: UUID
    late: bool = False


@_registration("booking.registration-substituted.v1")
class RegistrationSubstituted(RegistrationEvent):
    by_registration: UUID


class ReservationEvent(EventData):
    """Seats held before the names are known; `name_by` is the deadline for the names."""

    reservation_id: UUID
    session_id: UUID
    municipality: MunicipalityCode
    seats: Count
    name_by: Utc


@event(
    "booking.seats-reserved.v1",
    topic=BOOKING,
    key=_SESSION_KEY,
    about="seats-reserved/{event_id}",
    projection=FACT_ONLY,
)
class SeatsReserved(ReservationEvent):
    pass


@event(
    "booking.seats-released.v1",
    topic=BOOKING,
    key=_SESSION_KEY,
    about="seats-released/{event_id}",
    projection=FACT_ONLY,
)
class SeatsReleased(ReservationEvent):
    pass


@event(
    "booking.share-released.v1",
    topic=BOOKING,
    key=_SESSION_KEY,
    about="share-released/{event_id}",
    projection=FACT_ONLY,
)
class ShareReleased(EventData):
    session_id: UUID
    municipality: MunicipalityCode
    seats: Count
