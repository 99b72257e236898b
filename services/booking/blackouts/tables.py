"""Table of the blackouts. Row-level security: a municipality sees its own."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from services.booking.tables import BookingTable


class Blackout(BookingTable, table=True):
    """From `from_day` to `to_day`, both inclusive local days."""

    __tablename__ = "blackouts"
    __table_args__ = (
        CheckConstraint("from_day <= to_day", name="blackouts_days_check"),
        Index("ix_blackouts_municipality", "municipality", "to_day"),
    )

    id: UUID = Field(primary_key=True)
    municipality: str = Field(sa_type=Text, foreign_key="municipalities.code")
    from_day: date
    to_day: date
    reason: str = Field(sa_type=Text)
    revision: int
