"""The tables of seats: sessions, who stands on them, who waits for them, and what attendance told.

Sessions hold no person's rows: every role may read them. Row-level security of the others: a municipality sees its own
rows, a trainer those of own sessions; whoever may see a registration may see the entry that it waits in.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKeyConstraint, Identity, Index, Text, text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import jsonb, timestamp

ACTIVE = ("confirmed", "waitlisted")
"""States in which a registration keeps its person from registering for something else at the same time."""


class Session(BookingTable, table=True):
    """A kurstillfälle. `starts_at` and `ends_at` follow from its occasions; its row lock guards all its seats.

    `seat_shares` is `{municipality: seats}`. `shares_released_at` says that the release was published; whether shares
    still hold at a moment is told by `shares_release_at` alone. `lapse_due_at` is the first `name_by` of an open
    reservation.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("capacity > 0", name="sessions_capacity_check"),
        CheckConstraint("state IN ('scheduled', 'cancelled')", name="sessions_state_check"),
        Index("ix_sessions_starts_at", "starts_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    course: str = Field(sa_type=Text, foreign_key="courses.code", index=True)
    host_municipality: str = Field(sa_type=Text, foreign_key="municipalities.code")
    venue: str = Field(sa_type=Text)
    capacity: int
    min_participants: int | None = None
    seat_shares: dict[str, int] = jsonb()
    shares_release_at: datetime | None = timestamp(default=None, nullable=True)
    shares_released_at: datetime | None = timestamp(default=None, nullable=True)
    lapse_due_at: datetime | None = timestamp(default=None, nullable=True)
    registration_opens_at: datetime | None = timestamp(default=None, nullable=True)
    cancellation_deadline: datetime = timestamp()
    support: list[str] = Field(sa_type=ARRAY(Text))
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    state: str = Field(sa_type=Text)
    cancel_cause: str | None = Field(default=None, sa_type=Text)
    cancel_note: str | None = Field(default=None, sa_type=Text)
    cancelled_at: datetime | None = timestamp(default=None, nullable=True)
    revision: int


class Occasion(BookingTable, table=True):
    """A datumtillfälle: `break_minutes` lie between start and end and are not taught."""

    __tablename__ = "occasions"

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="sessions.id", index=True)
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    break_minutes: int


class SessionTrainer(BookingTable, table=True):
    """Who teaches a session; `position` is the order in which they were named."""

    __tablename__ = "session_trainers"

    session_id: UUID = Field(primary_key=True, foreign_key="sessions.id")
    trainer_id: UUID = Field(primary_key=True, foreign_key="trainers.id", index=True)
    position: int


class Registration(BookingTable, table=True):
    """One person on one session, on behalf of one employment.

    `entry_id` is the place in the waiting list while `waitlisted` (afterwards the place it had), `entry_order` the
    member's order in it. `was`, `late`, `neutral`, `ended_by` and `reason` tell of a cancellation; the reason may be
    illness and leaves this service in no event. `successor_id`: of the substitute, or of the session moved to.
    `session_cancelled`: the registration stays as it was, and takes nobody's place. `reservation_id`: it got a held
    seat.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        # Merging moves an employment to another participant: its registrations go along.
        ForeignKeyConstraint(["staff_id", "participant_id"], ["staff.id", "staff.participant_id"], onupdate="CASCADE"),
        CheckConstraint(
            "status IN ('confirmed', 'waitlisted', 'cancelled', 'substituted')", name="registrations_status_check"
        ),
        Index(
            "ux_registrations_active",
            "session_id",
            "participant_id",
            unique=True,
            postgresql_where=text("status IN ('confirmed', 'waitlisted') AND NOT session_cancelled"),
        ),
        Index("ix_registrations_late", "session_id", postgresql_where=text("late")),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="sessions.id", index=True)
    staff_id: UUID = Field(index=True)
    participant_id: UUID = Field(index=True)
    employment_id: UUID
    municipality: str = Field(sa_type=Text, index=True)
    status: str = Field(sa_type=Text)
    via: str | None = Field(default=None, sa_type=Text)
    entry_id: UUID | None = Field(default=None, index=True)
    entry_order: int = 0
    session_cancelled: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    registered_at: datetime = timestamp()
    confirmed_at: datetime | None = timestamp(default=None, nullable=True)
    ended_at: datetime | None = timestamp(default=None, nullable=True)
    was: str | None = Field(default=None, sa_type=Text)
    late: bool | None = None
    neutral: bool | None = None
    ended_by: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    successor_id: UUID | None = None
    reservation_id: UUID | None = Field(default=None, foreign_key="reservations.id", index=True)
    support_needs: list[str] = Field(sa_type=ARRAY(Text))
    override_reason: str | None = Field(default=None, sa_type=Text)
    revision: int


class Reservation(BookingTable, table=True):
    """Seats that a municipality holds before it knows the names; `named` of them have become registrations.

    `reserved_at` is the business time, `entered_at` the real one: what had lapsed by then lapses by an act, never by
    itself.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("seats > 0", name="reservations_seats_check"),
        CheckConstraint("named BETWEEN 0 AND seats", name="reservations_named_check"),
        CheckConstraint("state IN ('open', 'lapsed', 'filled', 'deleted')", name="reservations_state_check"),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="sessions.id", index=True)
    municipality: str = Field(sa_type=Text, foreign_key="municipalities.code", index=True)
    seats: int
    named: int
    name_by: datetime = timestamp()
    state: str = Field(sa_type=Text)
    reserved_at: datetime = timestamp()
    entered_at: datetime = timestamp()
    ended_at: datetime | None = timestamp(default=None, nullable=True)
    reminded_at: datetime | None = timestamp(default=None, nullable=True)
    revision: int


class RollState(BookingTable, table=True):
    """What of a session's roll was applied: `sequence` of the last event, and whether the roll is attested now."""

    __tablename__ = "roll_states"

    session_id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    attested: bool


class Attended(BookingTable, table=True):
    """One person on an attested roll: minutes over all occasions, and of each where the roll has several.

    `no_show`: none at all, and not excused.
    """

    __tablename__ = "attended"
    __table_args__ = (Index("ix_attended_absent", "session_id", postgresql_where=text("no_show OR minutes = 0")),)

    session_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    minutes: int
    scheduled_minutes: int
    no_show: bool
    by_occasion: dict[str, int] = jsonb()


class WaitingEntry(BookingTable, table=True):
    """One place in a session's queue; its members are the registrations that wait with this `entry_id`.

    `place` orders the queue. At least `minimum` members must get seats at once; `whole`: all of them. The entry of a
    person alone has the id of the registration that made it.
    """

    __tablename__ = "waiting_entries"
    __table_args__ = (Index("ix_waiting_entries_queue", "session_id", "place"),)

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="sessions.id")
    minimum: int
    whole: bool
    place: int
    since: datetime = timestamp()


class QueueDecision(BookingTable, table=True):
    """Why an entry got a seat, was passed over or was moved. `at` is the business time; rows are never changed.

    `about` is the course or day of an obstacle, `needed` and `available` are the seats of that moment, `note` is the
    reason that a coordinator gave.
    """

    __tablename__ = "queue_decisions"
    __table_args__ = (
        CheckConstraint("decision IN ('promoted', 'skipped', 'moved')", name="queue_decisions_decision_check"),
        Index("ix_queue_decisions_session", "session_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(always=True),))
    session_id: UUID = Field(foreign_key="sessions.id")
    entry_id: UUID
    at: datetime = timestamp()
    decision: str = Field(sa_type=Text)
    why: str = Field(sa_type=Text)
    about: str | None = Field(default=None, sa_type=Text)
    needed: int
    available: int
    note: str | None = Field(default=None, sa_type=Text)
