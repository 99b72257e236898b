"""Table of wrong codes. Only the service itself sees rows."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import timestamp


class WrongCode(AttendanceTable, table=True):
    """A code that was none, tried by a link. It counts for an hour."""

    __tablename__ = "wrong_codes"

    id: UUID = Field(primary_key=True)
    link_id: UUID = Field(index=True)
    tried_at: datetime = timestamp()
