"""Counting up the versions of rolls whose cells changed."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import text

from shared.database.unit_of_work import Unit

VERSIONS = text(
    "UPDATE rolls SET roll_version = roll_version + 1, content_version = roll_version + 1 "
    "WHERE session_id = ANY (CAST(:sessions AS uuid[]))"
)

GIVEN = """
    UPDATE rolls SET roll_version = given.version,
           content_version = CASE WHEN given.changed THEN given.version ELSE content_version END
      FROM unnest(CAST($1 AS uuid[]), CAST($2 AS integer[]), CAST($3 AS boolean[])) AS given (id, version, changed)
     WHERE session_id = given.id
"""


async def raise_versions(unit: Unit, session_ids: Collection[UUID]) -> None:
    """Gives several locked rolls, whose content changed, their next version."""
    if session_ids:
        await unit.execute(VERSIONS, {"sessions": sorted(session_ids)})


async def give_versions(unit: Unit, versions: Mapping[UUID, int], *, changed: Collection[UUID]) -> None:
    """Gives locked rolls these versions. `changed`: those of them whose content changed."""
    if versions:
        ids = sorted(versions)
        columns = ids, [versions[one] for one in ids], [one in changed for one in ids]
        await unit.fetch(GIVEN, *columns)
