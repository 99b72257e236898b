"""Table of walk-ins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import timestamp


class WalkIn(AttendanceTable, table=True):
    """Somebody who came without a registration, under the id that the device gave. No name: that is booking's.

    `walk_in_links` has who it turned out to be.
    """

    __tablename__ = "walk_ins"

    walk_in_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    municipality: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime = timestamp()
    recorded_by: str = Field(sa_type=Text)
