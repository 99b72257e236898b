"""What the messaging suites share."""

from tests.support.mechanism_fixtures import database, engine, prefix, units

__all__ = ["database", "engine", "prefix", "units"]
