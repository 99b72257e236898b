"""The attendance service behind its HTTP API; events are applied by its own handlers. Tests keep to their own ids."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.integration.attendance.post import NOW, Post, opened
from tests.support import databases
from tests.support.school import School
from tests.support.services import api
from tests.support.stack import Stack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database(stack: Stack) -> AsyncIterator[str]:
    """A fresh database for the tests of a module."""
    async with databases.cloned(stack.admin_url, "attendance") as name:
        yield name


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def school(stack: Stack, database: str) -> AsyncIterator[School]:
    """A school on it, for all tests of a module."""
    async with api(stack, "attendance", database=database) as origin:
        yield School(origin)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_post(stack: Stack) -> AsyncIterator[Post]:
    async with opened(stack) as post:
        yield post


@pytest_asyncio.fixture(loop_scope="module")
async def post(shared_post: Post) -> Post:
    """A service with its mail; the clock stands at the beginning again."""
    shared_post.clock.at = NOW
    return shared_post
