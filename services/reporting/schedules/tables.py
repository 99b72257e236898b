"""Tables of schedules and of what was delivered by them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlmodel import Field

from services.reporting.tables import ReportingTable
from shared.database.types import jsonb, timestamp


class Schedule(ReportingTable, table=True):
    """A kind of report for every month, quarter or year. Its first period is the first that falls due after it was
    stated.
    """

    __tablename__ = "schedules"

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
    every: str = Field(sa_type=Text)
    days_after: int
    to: list[str] = jsonb()
    language: str = Field(sa_type=Text)
    created_at: datetime = timestamp()
    revision: int = 1


class Delivery(ReportingTable, table=True):
    """What became of a period. States: building → mailed | failed; a failed one may be run again."""

    __tablename__ = "schedule_deliveries"

    schedule_id: UUID = Field(primary_key=True, sa_column_args=(ForeignKey("schedules.id", ondelete="CASCADE"),))
    period: str = Field(primary_key=True, sa_type=Text)
    report_id: UUID | None = Field(default=None, index=True, sa_column_args=(ForeignKey("reports.id"),))
    state: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    at: datetime = timestamp()
