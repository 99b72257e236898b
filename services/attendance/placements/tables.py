"""Placements and their weekly notes, and who employs whom. Row-level security: a municipality sees its own."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import jsonb


class Employer(AttendanceTable, table=True):
    """The employments of a participant as booking published them, with their days."""

    __tablename__ = "employers"

    participant_id: UUID = Field(primary_key=True)
    employments: list[dict[str, Any]] = jsonb()
    sequence: int = Field(sa_type=BigInteger)


class Placement(AttendanceTable, table=True):
    """Somebody on placement at a workplace of a municipality."""

    __tablename__ = "placements"

    id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(index=True)
    municipality: str = Field(sa_type=Text)
    workplace: str = Field(sa_type=Text)
    from_day: date
    to_day: date | None = None
    outcome: str | None = Field(default=None, sa_type=Text)
    revision: int


class WeeklyNote(AttendanceTable, table=True):
    """How a week went, by a version of the questions."""

    __tablename__ = "weekly_notes"
    __table_args__ = (UniqueConstraint("placement_id", "week"),)

    id: UUID = Field(primary_key=True)
    placement_id: UUID
    week: str = Field(sa_type=Text)
    version: int
    answers: dict[str, Any] = jsonb()
    noted_on: date
    noted_by: str = Field(sa_type=Text)
    revision: int
