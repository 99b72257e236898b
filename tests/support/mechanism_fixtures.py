"""Fixtures of the suites that specify the mechanisms; a folder's conftest takes them over."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database.unit_of_work import Units
from tests.support import mechanisms
from tests.support.stack import Stack
from tests.support.topics import topics


@pytest.fixture
async def database(stack: Stack) -> AsyncIterator[str]:
    """The name of a fresh database with the mechanisms' tables."""
    async with mechanisms.database(stack.admin_url) as name:
        yield name


@pytest.fixture
async def engine(stack: Stack, database: str) -> AsyncIterator[AsyncEngine]:
    """Connections of the runtime role to it."""
    engine = mechanisms.engine_for(stack.admin_url, database)
    yield engine
    await engine.dispose()


@pytest.fixture
def units(engine: AsyncEngine) -> Units:
    """Units of work on it."""
    return mechanisms.units_of(engine)


@pytest.fixture
async def prefix(stack: Stack) -> AsyncIterator[str]:
    """All topics under a prefix of their own."""
    async with topics(stack.bootstrap_servers) as chosen:
        yield chosen
