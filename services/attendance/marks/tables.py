"""Table of refused marks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import jsonb, timestamp


class RefusedMark(AttendanceTable, table=True):
    """A mark that was refused, as it came, with the problem that the device got; without an id when it gave none.

    Sent again unchanged, it is one row.
    """

    __tablename__ = "refused_marks"
    __table_args__ = (
        UniqueConstraint(
            "session_id",
            "mark_id",
            "problem",
            "content_hash",
            name="uq_refused_marks",
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID
    mark_id: UUID | None = None
    problem: str = Field(sa_type=Text)
    content: dict[str, Any] = jsonb()
    content_hash: str = Field(sa_type=Text)
    device_id: str = Field(sa_type=Text)
    refused_for: str = Field(sa_type=Text)
    received_at: datetime = timestamp()
