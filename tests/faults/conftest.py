"""One installation of three processes for all kill tests: each test leaves it running and whole."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.faults.chain import Chain
from tests.support.mechanism_fixtures import database, engine, prefix, units
from tests.support.services import running
from tests.support.stack import Stack

__all__ = ["database", "engine", "prefix", "units"]
SERVICES = ("booking", "attendance", "reporting")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chain(stack: Stack) -> AsyncIterator[Chain]:
    async with running(stack, SERVICES, processes=SERVICES, stages=()) as origin:
        yield await Chain.started(origin)
