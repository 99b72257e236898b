"""Table of the activities."""

import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Numeric, Text
from sqlmodel import Field

from services.reporting.tables import ReportingTable


class Activity(ReportingTable, table=True):
    """One breakfast or network day; `count` is the number of people, an estimate when `approximate`."""

    __tablename__ = "activities"
    __table_args__ = (Index("ix_activities_date", "date", "id"),)

    id: UUID = Field(primary_key=True)
    date: datetime.date
    theme: str = Field(sa_type=Text)
    audience: str = Field(sa_type=Text)
    count: int
    approximate: bool
    rating_mean: Decimal | None = Field(default=None, sa_type=Numeric(4, 2))
    rating_n: int | None = None
    revision: int
