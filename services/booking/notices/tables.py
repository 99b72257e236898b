"""What stands in people's calendars because of our mails. Only the service itself reads it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import timestamp


class DiaryEntry(BookingTable, table=True):
    """One occasion that an invitation was sent of. `attendee` is the address that it went to: a cancellation counts
    only there, whatever address the person has by then.
    """

    __tablename__ = "diary_entries"

    registration_id: UUID = Field(primary_key=True)
    occasion_id: UUID = Field(primary_key=True)
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp(index=True)
    venue: str = Field(sa_type=Text)
    attendee: str = Field(sa_type=Text)
