"""The conflict inbox."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text, Uuid, text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import timestamp


class ConflictRow(AttendanceTable, table=True):
    """A contradiction on one person's minutes on one occasion; at most one is open per cell.

    `kind`: `marks` (they say different things) or `overlap` (minutes in another session at the same time). `marks`
    are the ids that contradict. `resolution`: the mark that ended it, a decision, a correction, or one that all
    agree with.
    """

    __tablename__ = "conflicts"
    __table_args__ = (
        Index(
            "ix_conflicts_open",
            "session_id",
            "participant_id",
            "occasion_id",
            unique=True,
            postgresql_where=text("resolved_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID
    participant_id: UUID
    occasion_id: UUID
    kind: str = Field(sa_type=Text)
    marks: list[UUID] = Field(sa_type=ARRAY(Uuid))
    opened_at: datetime = timestamp()
    resolved_at: datetime | None = timestamp(default=None)
    resolved_by: str | None = Field(default=None, sa_type=Text)
    resolution: UUID | None = None
    reason: str | None = Field(default=None, sa_type=Text)
    revision: int = 1
