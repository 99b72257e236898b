"""Tables of sessions. They hold no person's rows: every role may read them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import jsonb, timestamp


class Session(BookingTable, table=True):
    """A kurstillfälle. `starts_at` and `ends_at` follow from its occasions; its row lock guards all its seats.

    `seat_shares` is `{municipality: seats}`. `shares_released_at` says that the release was published; whether shares
    still hold at a moment is told by `shares_release_at` alone.
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
