"""Tables of the uploads. Only the system reads them: a file holds personal numbers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class UploadTable(SQLModel, registry=registry()):
    """A registry of its own: the services whose databases hold these tables live in one process."""


class Upload(UploadTable, table=True):
    """A file on its way in: `content`, `peek` (its columns with some cells) and `report` (what becomes of its rows) are
    encrypted. `columns` says which fields they are; `job` is the latest check, or the import itself when `confirmed`.
    """

    __tablename__ = "uploads"

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
    owner: str = Field(sa_type=Text)
    content: bytes | None = Field(default=None, sa_type=LargeBinary)
    peek: bytes = Field(sa_type=LargeBinary)
    columns: Any = Field(default=None, sa_type=JSONB, nullable=True)
    job: UUID | None = None
    confirmed: bool = False
    report: bytes | None = Field(default=None, sa_type=LargeBinary)
    kept_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)


class ColumnMapping(UploadTable, table=True):
    """What a municipality's files call the fields, as it said last; the project office is the municipality ''."""

    __tablename__ = "column_mappings"

    municipality: str = Field(sa_type=Text, primary_key=True)
    kind: str = Field(sa_type=Text, primary_key=True)
    columns: Any = Field(sa_type=JSONB)
