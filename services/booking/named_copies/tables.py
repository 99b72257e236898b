"""Table of the files of frozen reports, by the digest of their bytes."""

from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from services.booking.tables import BookingTable


class FrozenFile(BookingTable, table=True):
    """A file that reporting hands out and never changes."""

    __tablename__ = "frozen_files"

    sha256: str = Field(primary_key=True, sa_type=Text)
    report_id: UUID
    kind: str = Field(sa_type=Text)
    period: str = Field(sa_type=Text)
    version: int
