"""The facts: one immutable row per event. The runtime role may insert and read them, never change or delete them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from services.reporting.tables import SCHEMA, ReportingTable
from shared.database.types import jsonb, timestamp


class Fact(ReportingTable, table=True):
    """An event as it came. `event_id` is the inbox: the same event inserted again is ignored.

    `natural_key` says what the event is about, `data` is None for a tombstone.
    """

    __tablename__ = "facts"
    __table_args__ = (
        Index("ix_facts_place", "topic", "partition", "offset"),
        Index("ix_facts_natural_key", "natural_key", postgresql_using="hash"),
        {"schema": SCHEMA},
    )

    event_id: UUID = Field(primary_key=True)
    type: str = Field(sa_type=Text)
    topic: str = Field(sa_type=Text)
    partition: int
    offset_: int = Field(sa_column=Column("offset", BigInteger, nullable=False))
    key: str = Field(sa_type=Text)
    natural_key: str = Field(sa_type=Text)
    sequence: int = Field(sa_type=BigInteger)
    occurred_at: datetime = timestamp()
    recorded_at: datetime = timestamp()
    data: dict[str, Any] | None = jsonb(default=None, nullable=True)


class ActiveFacts(ReportingTable, table=True):
    """The one row that names the version of the facts that counts. Only a rebuild changes it, as the owner."""

    __tablename__ = "active_facts"

    only_row: bool = Field(default=True, primary_key=True)
    version: int
    since: datetime = timestamp()
