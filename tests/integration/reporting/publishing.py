"""Publishing a story to the topics of a running origin."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from shared.messaging.delivery import Event
from tests.support.services import Origin, running
from tests.support.stack import Stack


async def publish(origin: Origin, told: Iterable[Event], *, times: int = 1) -> None:
    """Sends the events in their order, each so many times, and waits until reporting has taken them."""
    await origin.send(*(one for one in told for _ in range(times)))
    await origin.settled()


@asynccontextmanager
async def reporting_of(stack: Stack, told: Iterable[Event], *, times: int = 1) -> AsyncIterator[Origin]:
    """A reporting service of its own that has taken these events."""
    async with running(stack, ["reporting"]) as origin:
        await publish(origin, told, times=times)
        yield origin
