"""The base of reporting's tables: a registry of its own, because several services live in one process."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class ReportingTable(SQLModel, registry=registry()):
    """A table of the reporting database. Rows are written and read by Core statements, never by an ORM session."""
