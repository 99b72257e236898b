"""The seeds from which codes are made, one for each occasion. The database makes them, by its own random source."""

from base64 import b32encode
from collections.abc import Collection
from uuid import UUID

from shared.database.unit_of_work import Unit

SEEDS = "SELECT occasion_id, seed FROM occasions WHERE session_id = ANY ($1)"


async def seeds_of(unit: Unit, session_ids: Collection[UUID]) -> dict[UUID, bytes]:
    """The seeds of the sessions' occasions, by occasion."""
    if not session_ids:
        return {}
    return {row["occasion_id"]: row["seed"] for row in await unit.fetch(SEEDS, sorted(session_ids))}


def shown(seed: bytes) -> str:
    """The seed in base32, as devices take it; its length needs no padding."""
    return b32encode(seed).decode()
