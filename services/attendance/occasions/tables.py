"""Table of occasions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import FetchedValue, LargeBinary
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import timestamp

MADE_BY_DATABASE = {"server_default": FetchedValue(), "nullable": False}


class Occasion(AttendanceTable, table=True):
    """One dated part of a session. `dropped`: a rescheduling took it away; marks made on it are kept.

    `seed`: of its check-in codes, made by the database.
    """

    __tablename__ = "occasions"

    occasion_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    starts_at: datetime = timestamp(index=True)
    ends_at: datetime = timestamp()
    break_minutes: int
    dropped: bool = False
    seed: bytes | None = Field(default=None, sa_type=LargeBinary, sa_column_kwargs=MADE_BY_DATABASE)
