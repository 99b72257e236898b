"""Table of jobs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import jsonb, timestamp


class Job(BookingTable, table=True):
    """A long import. `request` is what to do, `content` the uploaded file, encrypted, gone when the job has ended."""

    __tablename__ = "jobs"

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    done: int
    total: int
    began_by: str = Field(sa_type=Text)
    began_at: datetime = timestamp()
    municipality: str | None = Field(default=None, sa_type=Text)
    request: dict[str, Any] = jsonb()
    content: bytes | None = Field(default=None, sa_type=LargeBinary)
    taken_at: datetime | None = timestamp(default=None, nullable=True)
    result: dict[str, Any] | None = jsonb(default=None, nullable=True)
