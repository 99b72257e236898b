"""Table of personal links. Only the service itself and the project office see rows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import timestamp


class Link(AttendanceTable, table=True):
    """A link to somebody's own page; the token itself stands in one mail and nowhere else.

    `employment_id`: whose contact it was sent to, and codes are. `revision` rises when it is revoked.
    """

    __tablename__ = "links"

    id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(index=True)
    employment_id: UUID | None = None
    digest: bytes = Field(sa_type=LargeBinary, unique=True)
    made_at: datetime = timestamp()
    made_by: str = Field(sa_type=Text)
    expires_at: datetime = timestamp()
    revoked_at: datetime | None = timestamp(default=None)
    revoked_by: str | None = Field(default=None, sa_type=Text)
