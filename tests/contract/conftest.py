"""What the suites of the mechanisms share."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.notes import Notes, serving
from tests.support.mechanism_fixtures import database, engine, units
from tests.support.stack import Stack

__all__ = ["database", "engine", "units"]


@pytest.fixture
async def notes(stack: Stack, database: str) -> AsyncIterator[Notes]:
    """The service of notes on a database of its own."""
    async with serving(stack, database) as notes:
        yield notes
