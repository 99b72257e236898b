"""Tables of signatures. Rows are only added; a signature ends once, when it is voided or another takes its place."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import timestamp


class SignatureRow(AttendanceTable, table=True):
    """A month that somebody certified, under the id that they had then.

    `signed_by`: the link, or whoever entered the paper. `ended_at` with `void_cause`: something signed has changed;
    without: the month was signed again, with more in it.
    """

    __tablename__ = "signatures"
    __table_args__ = (
        Index(
            "ix_signatures_standing", "participant_id", "month", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
    )

    id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(index=True)
    month: str = Field(sa_type=Text, index=True)
    document_hash: str = Field(sa_type=Text)
    method: str = Field(sa_type=Text)
    document_ref: str | None = Field(default=None, sa_type=Text)
    signed_at: datetime = timestamp()
    signed_by: str = Field(sa_type=Text)
    ended_at: datetime | None = timestamp(default=None)
    void_cause: str | None = Field(default=None, sa_type=Text)


class SignedItemRow(AttendanceTable, table=True):
    """The minutes of one occasion in a signature."""

    __tablename__ = "signed_items"

    signature_id: UUID = Field(primary_key=True, foreign_key="signatures.id", ondelete="CASCADE")
    occasion_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    minutes: int
