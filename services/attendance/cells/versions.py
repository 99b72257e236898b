"""Counting up the versions of rolls whose cells changed."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from shared.database.unit_of_work import Unit

VERSIONS = text(
    "UPDATE rolls SET roll_version = roll_version + 1, content_version = roll_version + 1 "
    "WHERE session_id = ANY (CAST(:sessions AS uuid[]))"
)


async def raise_versions(unit: Unit, session_ids: Collection[UUID]) -> None:
    """Gives several locked rolls, whose content changed, their next version."""
    if session_ids:
        await unit.execute(VERSIONS, {"sessions": sorted(session_ids)})
