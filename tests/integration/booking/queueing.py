"""A full session and what its queue has decided."""

from typing import Any

from tests.support.booking_world import World


async def full(world: World, capacity: int, **fields: Any) -> tuple[str, list[str]]:
    """A session whose seats are all taken, and those who have them."""
    session = await world.session(capacity, **fields)
    people = await world.several(capacity)
    assert set(await world.outcomes(session, *people)) == {"confirmed"}
    return session, people


async def decisions(world: World, session: str) -> list[tuple[str, str]]:
    return [(each["decision"], each["reason_code"]) for each in (await world.queue(session))["decisions"]]
