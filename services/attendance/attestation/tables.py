"""Sealed rolls. Rows are only ever added."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import jsonb, timestamp


class Seal(AttendanceTable, table=True):
    """One attested version of a roll: the content exactly as it was hashed, who certified it and when."""

    __tablename__ = "seals"

    session_id: UUID = Field(primary_key=True)
    roll_version: int = Field(primary_key=True)
    sealed_hash: str = Field(sa_type=Text)
    content: dict[str, Any] = jsonb()
    attested_at: datetime = timestamp()
    attested_by: str = Field(sa_type=Text)
    attested_as: str = Field(sa_type=Text)
    on_behalf_of: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
