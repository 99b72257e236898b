"""The current state as it was: made anew from facts, in temporary tables that last as long as the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import text

from services.reporting.current.tables import TABLES
from services.reporting.facts.record import projected
from services.reporting.facts.versions import CONSUMER, in_use, schema_of
from shared.database.unit_of_work import Unit

Place = tuple[str, int]
Positions = Mapping[Place, int]
"""Topic and partition -> the offset that is read next: the facts are those below it."""

TEMPORARY: Final = "pg_temp"
_POSITIONS = text("SELECT topic, partition, next_offset FROM consumer_positions WHERE consumer = :consumer")
_BELOW: Final = (
    "(SELECT * FROM {schema}.facts JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), "
    'CAST(:below AS bigint[])) AS place (topic, partition, below) USING (topic, partition) WHERE "offset" < below '
    "AND (CAST(:known_at AS timestamptz) IS NULL OR recorded_at <= :known_at))"
)


async def known_at(unit: Unit, moment: datetime) -> str:
    """The schema of the state by what had been recorded by that moment."""
    async with unit.as_system():
        version = await in_use(unit)
        rows = await unit.all(_POSITIONS, {"consumer": CONSUMER})
    positions = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    return await state_below(unit, version, positions, moment)


async def state_below(unit: Unit, version: int, positions: Positions, moment: datetime | None = None) -> str:
    """The schema of the state that one version's facts below these positions make."""
    schema, places = schema_of(version), list(positions)
    parameters = {
        "topics": [topic for topic, _ in places],
        "partitions": [partition for _, partition in places],
        "below": [positions[place] for place in places],
        "known_at": moment,
    }
    async with unit.as_system():
        for table in TABLES:
            like = f"CREATE TEMPORARY TABLE {table.name} (LIKE {schema}.{table.name} INCLUDING INDEXES) ON COMMIT DROP"
            await unit.execute(like)
        for statement in projected(TEMPORARY, _BELOW.replace("{schema}", schema)):
            await unit.execute(statement, parameters)
        for table in TABLES:
            await unit.execute(f"ANALYZE {TEMPORARY}.{table.name}")
    return TEMPORARY
