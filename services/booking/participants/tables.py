"""Table of erasures: whom to forget, and how far that has come. After a restore it says whom to forget again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import timestamp


class Erasure(BookingTable, table=True):
    """`tombstone_id` is the event that told attendance to forget; its answer names it as its cause. `number_gone_at`:
    when the retention of evidence ended.
    """

    __tablename__ = "erasures"

    id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(foreign_key="participants.participant_id", index=True)
    tombstone_id: UUID = Field(unique=True)
    erased_at: datetime = timestamp()
    erased_by: str = Field(sa_type=Text)
    attendance_done_at: datetime | None = timestamp(default=None, nullable=True)
    number_gone_at: datetime | None = timestamp(default=None, nullable=True)
