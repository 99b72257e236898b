"""Requests that arrive while another one is at work, without hoping for it: a test holds the lane meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from shared.database.combining import Lane
from tests.support.eventually import eventually
from tests.support.services import Origin

REGISTRATIONS = "/v1/sessions/{session_id}/registrations"
LONG = 60.0


def lane_of(origin: Origin, path: str = REGISTRATIONS, service: str = "booking") -> Lane[Any, Any]:
    """The lane of a route, which its first request makes."""
    lane: Lane[Any, Any] = origin.services[service].app.state.lanes[path]
    return lane


@asynccontextmanager
async def held(lane: Lane[Any, Any], requests: int) -> AsyncIterator[None]:
    """Whoever comes within the block waits, and goes with the others once so many have come."""
    hold = lane._held(LONG)
    try:
        yield
        await eventually(lambda: len(lane._queue) == requests, what=f"{requests} requests wait")
    finally:
        lane._release(hold)
