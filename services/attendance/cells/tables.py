"""Tables of cells: everything that was marked, what it says of a person on an occasion, and contradictions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text, Uuid, text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import timestamp


class MarkRow(AttendanceTable, table=True):
    """One mark, decision or correction with its provenance: who, when, with which device, how.

    Rows are only ever added: what became of a held one is in `mark_releases`; the view `current_marks` joins them.

    `standing`: recorded, held (the registration has not arrived), late (it came after the seal: kept, and counts by a
    correction only) or discarded (a person gave a held mark up). `version`: the roll version that recorded it.
    `marked_at` by our clock, `device_marked_at` and `device_time` (while it sent) by the device's. `minutes` only when
    they were given outright. `replaces`: the mark that counted before a correction, or that a decision chose.
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
    device_marked_at: datetime = timestamp()
    device_time: datetime = timestamp()
    received_at: datetime = timestamp()
    recorded_by: str = Field(sa_type=Text)
    on_behalf_of: UUID | None = None
    after_seal: bool = False
    replaces: UUID | None = None
    reason: str | None = Field(default=None, sa_type=Text)
    reason_code: str | None = Field(default=None, sa_type=Text)


class MarkRelease(AttendanceTable, table=True):
    """How a held mark's waiting ended: its person came (recorded, or late on a sealed roll), or it was given up."""

    __tablename__ = "mark_releases"

    mark_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    standing: str = Field(sa_type=Text)
    participant_id: UUID | None = None
    version: int
    released_at: datetime = timestamp()
    released_by: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)


class Cell(AttendanceTable, table=True):
    """What the marks say of one person on one occasion: the mark that counts, none while they contradict.

    `version`: of the roll, when it was worked out. The view `current_cells` has one for each person, also one who was
    merged: the newest.
    """

    __tablename__ = "cells"

    session_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True)
    occasion_id: UUID = Field(primary_key=True)
    mark_id: UUID | None = None
    status: str | None = Field(default=None, sa_type=Text)
    minutes: int = 0
    scheduled_minutes: int
    absence_reason: str | None = Field(default=None, sa_type=Text)
    contested: bool = False
    version: int


class ConflictRow(AttendanceTable, table=True):
    """A contradiction on one person's minutes on one occasion; at most one is open per cell.

    `kind`: `marks` (they say different things), `overlap` (minutes in another session at the same time) or
    `after-seal` (they came late and say something else than the sealed roll, or one had yielded minutes that the other
    roll gave up late). `marks` are the ids that contradict.
    `resolution`: the mark that ended it, a decision, a correction, or one that all agree with.
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
