"""The table of walk-ins. Row-level security: a municipality sees its own, the coordinator also those of nobody yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import timestamp


class WalkIn(BookingTable, table=True):
    """Somebody who came. `walk_in_id` is the phone's, under which marks are made; `name` is kept until identified.

    `registration_id` is kept whatever becomes of the registration.
    """

    __tablename__ = "walk_ins"
    __table_args__ = (
        CheckConstraint("state IN ('confirmed', 'to-identify')", name="walk_ins_state_check"),
        CheckConstraint("(state = 'confirmed') = (registration_id IS NOT NULL)", name="walk_ins_registration_check"),
    )

    id: UUID = Field(primary_key=True)
    walk_in_id: UUID = Field(unique=True)
    session_id: UUID = Field(foreign_key="sessions.id", index=True)
    municipality: str | None = Field(default=None, sa_type=Text, foreign_key="municipalities.code", index=True)
    name: str | None = Field(default=None, sa_type=Text)
    state: str = Field(sa_type=Text)
    registration_id: UUID | None = Field(default=None, foreign_key="registrations.id")
    came_at: datetime = timestamp()
    revision: int
