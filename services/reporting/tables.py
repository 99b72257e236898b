"""The base of reporting's tables: a registry of its own, because several services live in one process."""

from typing import Final

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.audit.tables import AuditTable
from shared.uploads.tables import UploadTable

SCHEMA: Final = "facts_v1"
"""The PostgreSQL schema of facts and current state in version 1: one per version, so that a rebuild can fill the next
one beside it (see `facts.versions`).
"""


class ReportingTable(SQLModel, registry=registry()):
    """A table of the reporting database. Rows are written and read by Core statements, never by an ORM session."""


for table in (*AuditTable.metadata.tables.values(), *UploadTable.metadata.tables.values()):
    table.to_metadata(ReportingTable.metadata)
