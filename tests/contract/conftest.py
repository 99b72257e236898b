"""What the suites of the mechanisms share."""

from tests.support.mechanisms import database, engine, units
from tests.support.notes import notes

__all__ = ["database", "engine", "notes", "units"]
