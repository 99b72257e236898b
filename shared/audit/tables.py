"""The table of the audit, in the database of every service that keeps one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.database.types import jsonb, timestamp


class AuditTable(SQLModel, registry=registry()):
    """A registry of its own: the services whose databases hold the table live in one process."""


class AuditEntry(AuditTable, table=True):
    """One write: who did what to which row. `at` is the real time; `occurred_at` the business time of a dated act.

    `before` and `after` never hold a personal number or contact data.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_actor", "actor", "id"),)

    id: UUID = Field(primary_key=True)
    at: datetime = timestamp(index=True)
    occurred_at: datetime = timestamp()
    actor: str = Field(sa_type=Text)
    actor_name: str | None = Field(default=None, sa_type=Text)
    actor_role: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    target: str = Field(sa_type=Text, index=True)
    before: dict[str, Any] | None = jsonb(default=None, nullable=True)
    after: dict[str, Any] | None = jsonb(default=None, nullable=True)
