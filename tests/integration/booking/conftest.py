"""Booking's HTTP API on a database of its own."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from shared.security.roles import Role
from tests.support.booking_world import NOW, OREBRO, World, booking_world
from tests.support.browsers import browser
from tests.support.services import Origin, api
from tests.support.stack import Stack


@pytest.fixture
async def booking(stack: Stack) -> AsyncIterator[Origin]:
    """Booking without relay and consumers; nothing is entered."""
    async with api(stack, "booking") as origin:
        yield origin


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_world(stack: Stack) -> AsyncIterator[World]:
    async with booking_world(stack) as made:
        yield made


@pytest.fixture
def world(shared_world: World) -> World:
    """The same service for all tests of a module; each makes its own sessions and persons."""
    shared_world.clock.at = NOW
    return shared_world


@pytest.fixture
def office(world: World) -> httpx2.AsyncClient:
    return browser(world.origin, Role.COORDINATOR)


@pytest.fixture
def municipality(world: World) -> httpx2.AsyncClient:
    return browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO)
