"""Tables of registrations, and of what attendance told about them.

Row-level security: a municipality sees its own rows, a trainer those of own sessions.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, Text, text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import timestamp

ACTIVE = ("confirmed", "waitlisted")
"""The states in which a registration keeps the person from another one at the same time."""


class Registration(BookingTable, table=True):
    """One person on one session, on behalf of one employment.

    `entry_id` is the place in the waiting list while `waitlisted` (afterwards the place it had), `entry_order` the
    member's order in it. `was`, `late`, `neutral`, `ended_by` and `reason` tell of a cancellation; the reason may be
    illness and leaves this service in no event.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        CheckConstraint(
            "status IN ('confirmed', 'waitlisted', 'cancelled', 'substituted')", name="registrations_status_check"
        ),
        Index(
            "ux_registrations_active",
            "session_id",
            "participant_id",
            unique=True,
            postgresql_where=text("status IN ('confirmed', 'waitlisted')"),
        ),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="sessions.id", index=True)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    participant_id: UUID = Field(index=True)
    employment_id: UUID
    municipality: str = Field(sa_type=Text, index=True)
    status: str = Field(sa_type=Text)
    via: str | None = Field(default=None, sa_type=Text)
    entry_id: UUID | None = Field(default=None, index=True)
    entry_order: int = 0
    registered_at: datetime = timestamp()
    confirmed_at: datetime | None = timestamp(default=None, nullable=True)
    ended_at: datetime | None = timestamp(default=None, nullable=True)
    was: str | None = Field(default=None, sa_type=Text)
    late: bool | None = None
    neutral: bool | None = None
    ended_by: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    support_needs: list[str] = Field(sa_type=ARRAY(Text))
    override_reason: str | None = Field(default=None, sa_type=Text)
    revision: int


class RollState(BookingTable, table=True):
    """What of a session's roll was applied: `sequence` of the last event, and whether the roll is attested now."""

    __tablename__ = "roll_states"

    session_id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    attested: bool


class Attended(BookingTable, table=True):
    """One person on an attested roll: minutes over all occasions. `no_show`: none at all, and not excused."""

    __tablename__ = "attended"

    session_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    minutes: int
    scheduled_minutes: int
    no_show: bool
