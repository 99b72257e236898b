"""The base of booking's tables: a registry of its own, because several services live in one process."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.audit.tables import AuditTable


class BookingTable(SQLModel, registry=registry()):
    """A table of the booking database. Rows are written and read by Core statements, never by an ORM session."""


AuditTable.metadata.tables["audit"].to_metadata(BookingTable.metadata)
