"""Table of certificates that were issued: what they state, without any name. Rows are only added."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import jsonb, timestamp


class CertificateRow(AttendanceTable, table=True):
    """A statement that stands on paper by now. `hash`: the SHA-256 of its canonical JSON."""

    __tablename__ = "certificates"

    hash: str = Field(primary_key=True, sa_type=Text)
    participant_id: UUID = Field(index=True)
    session_id: UUID
    statement: dict[str, Any] = jsonb()
    issued_at: datetime = timestamp()
