"""A world for races: whoever is held by a pause keeps its locks for as long as the other needs."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.booking_world import World, booking_world
from tests.support.services import variables
from tests.support.stack import Stack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_world(stack: Stack) -> AsyncIterator[World]:
    with variables({"KURSNAV_LOCK_TIMEOUT_MS": "20000"}):
        async with booking_world(stack) as made:
            yield made
