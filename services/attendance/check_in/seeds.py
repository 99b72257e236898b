"""The seeds from which codes are made, one for each occasion. The database makes them, by its own random source."""

from base64 import b32encode
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.attendance.occasions.tables import Occasion
from shared.database.conditions import among
from shared.database.unit_of_work import Unit


async def seeds_of(unit: Unit, session_ids: Collection[UUID]) -> dict[UUID, bytes]:
    """The seeds of the sessions' occasions, by occasion."""
    if not session_ids:
        return {}
    statement = select(Occasion).where(among(col(Occasion.session_id), session_ids))
    return {row["occasion_id"]: row["seed"] for row in await unit.all(statement)}


def shown(seed: bytes) -> str:
    """The seed in base32, as devices take it; its length needs no padding."""
    return b32encode(seed).decode()
