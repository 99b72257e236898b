"""What the suites of the mechanisms share."""

from tests.support.mechanism_fixtures import database, engine, units

__all__ = ["database", "engine", "units"]
