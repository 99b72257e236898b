"""Tables of marks: everything that was marked, also what was refused. Nothing is overwritten."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import jsonb, timestamp


class MarkRow(AttendanceTable, table=True):
    """One mark, decision or correction with its provenance: who, when, with which device, how.

    `standing`: recorded, held (the registration has not arrived) or discarded (a person gave a held mark up).
    `version`: the roll version that recorded it. `minutes` only when they were given outright. `replaces`: the mark
    that counted before a correction, or that a decision chose.
    """

    __tablename__ = "marks"
    __table_args__ = (
        Index("ix_marks_session_id", "session_id", "participant_id"),
        Index("ix_marks_held", "session_id", postgresql_where=text("standing = 'held'")),
    )

    mark_id: UUID = Field(primary_key=True)
    session_id: UUID
    participant_id: UUID | None = None
    walk_in_id: UUID | None = None
    occasion_id: UUID
    kind: str = Field(sa_type=Text)
    standing: str = Field(sa_type=Text)
    device_id: str = Field(sa_type=Text)
    base_version: int
    version: int
    status: str = Field(sa_type=Text)
    arrived_at: datetime | None = timestamp(default=None)
    left_at: datetime | None = timestamp(default=None)
    minutes: int | None = None
    absence_reason: str | None = Field(default=None, sa_type=Text)
    source: str = Field(sa_type=Text)
    marked_at: datetime = timestamp()
    received_at: datetime = timestamp()
    recorded_by: str = Field(sa_type=Text)
    replaces: UUID | None = None
    reason: str | None = Field(default=None, sa_type=Text)
    reason_code: str | None = Field(default=None, sa_type=Text)


class RefusedMark(AttendanceTable, table=True):
    """A mark that was refused, as it came, with the problem that the device got.

    Sent again unchanged, it is one row.
    """

    __tablename__ = "refused_marks"
    __table_args__ = (UniqueConstraint("session_id", "mark_id", "problem", "content_hash"),)

    id: UUID = Field(primary_key=True)
    session_id: UUID
    mark_id: UUID
    problem: str = Field(sa_type=Text)
    content: dict[str, Any] = jsonb()
    content_hash: str = Field(sa_type=Text)
    device_id: str = Field(sa_type=Text)
    refused_for: str = Field(sa_type=Text)
    received_at: datetime = timestamp()
