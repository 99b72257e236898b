"""Table of occasions."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import timestamp


class Occasion(AttendanceTable, table=True):
    """One dated part of a session. `dropped`: a rescheduling took it away; marks made on it are kept."""

    __tablename__ = "occasions"

    occasion_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    starts_at: datetime = timestamp(index=True)
    ends_at: datetime = timestamp()
    break_minutes: int
    dropped: bool = False
