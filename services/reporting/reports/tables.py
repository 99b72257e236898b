"""Tables of the frozen reports. What is frozen cannot be changed: see the migration for grants and trigger."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, text
from sqlmodel import Field

from services.reporting.tables import ReportingTable
from shared.database.types import jsonb, timestamp


class Report(ReportingTable, table=True):
    """An order and, once frozen, its document. States: queued → building → frozen | failed.

    `cut_off` is taken when the report is ordered. `document` is the content with its hash; `reason` says why it failed.
    """

    __tablename__ = "reports"
    __table_args__ = (
        Index("ix_reports_supersedes", "supersedes", unique=True, postgresql_where=text("state <> 'failed'")),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
    version: int
    supersedes: UUID | None = Field(default=None, sa_column_args=(ForeignKey("reports.id"),))
    period: str = Field(sa_type=Text)
    municipality: str | None = Field(default=None, sa_type=Text)
    language: str = Field(sa_type=Text)
    texts: dict[str, str] = jsonb()
    created_at: datetime = timestamp()
    created_by: str = Field(sa_type=Text)
    cut_off: dict[str, Any] = jsonb()
    state: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    document: dict[str, Any] | None = jsonb(default=None, nullable=True)
    hash: str | None = Field(default=None, sa_type=Text)
    frozen_at: datetime | None = timestamp(default=None, nullable=True)
    revision: int = 1


class ReportRow(ReportingTable, table=True):
    """One pseudonymous input row of a report, as canonical JSON."""

    __tablename__ = "report_rows"

    report_id: UUID = Field(primary_key=True, sa_column_args=(ForeignKey("reports.id"),))
    number: int = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
    row: str = Field(sa_type=Text)


class ReportFile(ReportingTable, table=True):
    """One file of a report, as it was rendered once. `sha256` is of the content."""

    __tablename__ = "report_files"

    report_id: UUID = Field(primary_key=True, sa_column_args=(ForeignKey("reports.id"),))
    format: str = Field(sa_type=Text, primary_key=True)
    sha256: str = Field(sa_type=Text)
    content: bytes = Field(sa_type=LargeBinary)
