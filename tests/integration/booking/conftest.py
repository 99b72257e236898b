"""Booking's HTTP API on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.support.services import Origin, api
from tests.support.stack import Stack


@pytest.fixture
async def booking(stack: Stack) -> AsyncIterator[Origin]:
    """Booking without relay and consumers; nothing is entered."""
    async with api(stack, "booking") as origin:
        yield origin
