"""What the suites of the mechanisms share: a fresh database and units of work on it."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database.unit_of_work import Units
from tests.support import mechanisms
from tests.support.stack import Stack


@pytest.fixture
async def database(stack: Stack) -> AsyncIterator[str]:
    async with mechanisms.database(stack.admin_url) as name:
        yield name


@pytest.fixture
async def engine(stack: Stack, database: str) -> AsyncIterator[AsyncEngine]:
    engine = mechanisms.engine_for(stack.admin_url, database)
    yield engine
    await engine.dispose()


@pytest.fixture
def units(engine: AsyncEngine) -> Units:
    return mechanisms.units_of(engine)
