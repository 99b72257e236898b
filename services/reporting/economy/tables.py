"""Table of the project's money."""

import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Numeric, Text
from sqlmodel import Field

from services.reporting.tables import ReportingTable


class EconomyEntry(ReportingTable, table=True):
    """One row of an economy table, never changed but in the days that it covers: what was wrong is put right by another
    row, with a minus. `note` is '' for none, so that rows alike are one.
    """

    __tablename__ = "economy_entries"
    __table_args__ = (Index("ix_economy_entries_alike", "date", "kind", "category", "amount", "note", unique=True),)

    id: UUID = Field(primary_key=True)
    date: datetime.date
    kind: str = Field(sa_type=Text)
    category: str = Field(sa_type=Text)
    amount: Decimal = Field(sa_type=Numeric(14, 2))
    note: str = Field(sa_type=Text)
    covers_from: datetime.date | None = None
    covers_to: datetime.date | None = None
