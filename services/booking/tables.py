"""The base of booking's tables: a registry of its own, because several services live in one process."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class BookingTable(SQLModel, registry=registry()):
    """A table of the booking database. Rows are written and read by Core statements, never by an ORM session."""
