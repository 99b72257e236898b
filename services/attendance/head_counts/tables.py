"""Head counts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import timestamp


class HeadCount(AttendanceTable, table=True):
    """People counted on an occasion without names, under the id that the device gave; the last per occasion counts."""

    __tablename__ = "head_counts"

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    occasion_id: UUID
    count: int
    recorded_at: datetime = timestamp()
    recorded_by: str = Field(sa_type=Text)
