"""The base of attendance's tables: a registry of its own, because several services live in one process."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class AttendanceTable(SQLModel, registry=registry()):
    """A table of the attendance database. Rows are written and read by Core statements, never by an ORM session."""
