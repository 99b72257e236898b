"""What the messaging suites share."""

from tests.support.mechanism_fixtures import database, engine, prefix, units
from tests.support.operated import at_work

__all__ = ["at_work", "database", "engine", "prefix", "units"]
