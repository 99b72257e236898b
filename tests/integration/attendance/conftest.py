"""The attendance service behind its HTTP API; events are applied by its own handlers. Tests keep to their own ids."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.attendance.school import School
from tests.support import databases
from tests.support.services import api
from tests.support.stack import Stack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database(stack: Stack) -> AsyncIterator[str]:
    """A fresh database for the tests of a module."""
    async with databases.cloned(stack.admin_url, "attendance") as name:
        yield name


@pytest.fixture
async def school(stack: Stack, database: str) -> AsyncIterator[School]:
    """A school on it."""
    async with api(stack, "attendance", database=database) as origin:
        yield School(origin)
