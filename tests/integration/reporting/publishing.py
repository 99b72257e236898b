"""Publishing a story to the topics of a running origin."""

from collections.abc import Iterable

from tests.support.services import Origin
from tests.support.story import Told


async def publish(origin: Origin, told: Iterable[Told], *, times: int = 1) -> None:
    """Sends the events in their order, each so many times, and waits until reporting has taken them."""
    await origin.send(*(one.event() for one in told for _ in range(times)))
    await origin.settled()
