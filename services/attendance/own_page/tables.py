"""Table of one-time codes. Only the service itself reads it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import timestamp


class SigningCode(AttendanceTable, table=True):
    """A code that was mailed, encrypted. Of a link the last one counts, unless it is old, used or burned."""

    __tablename__ = "signing_codes"
    __table_args__ = (Index("ix_signing_codes_link_id", "link_id", "sent_at"),)

    id: UUID = Field(primary_key=True)
    link_id: UUID = Field(foreign_key="links.id", ondelete="CASCADE")
    sealed: bytes = Field(sa_type=LargeBinary)
    sent_at: datetime = timestamp()
    wrong: int = 0
    used_at: datetime | None = timestamp(default=None)
