"""The base of booking's tables: a registry of its own, because several services live in one process."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.audit.tables import AuditTable
from shared.uploads.tables import UploadTable


class BookingTable(SQLModel, registry=registry()):
    """A table of the booking database. Rows are written and read by Core statements, never by an ORM session."""


for table in (*AuditTable.metadata.tables.values(), *UploadTable.metadata.tables.values()):
    table.to_metadata(BookingTable.metadata)
