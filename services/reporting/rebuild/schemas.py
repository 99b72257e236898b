"""The PostgreSQL schemas of the versions, made and dropped as the owner: the runtime role owns nothing."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.reporting.current import tables as current
from services.reporting.facts.tables import Fact
from services.reporting.facts.versions import CONSUMER, consumer_of, schema_of
from services.reporting.tables import SCHEMA, ReportingTable
from shared.database.scope import policy

TABLES = [Fact.__table__, *current.TABLES]  # type: ignore[attr-defined]  # SQLModel does not declare it
"""The tables of a version: the facts and the current state."""

_THERE = text("SELECT nspname FROM pg_namespace WHERE nspname ~ '^facts_v[0-9]+$'")
_FORGET_POSITIONS = text("DELETE FROM consumer_positions WHERE consumer = :consumer")
_FORGET_LETTERS = text("DELETE FROM dead_letters WHERE consumer = :consumer")
# A discarded event stays discarded: the rebuild must neither apply it nor ask about it again.
_KEEP_DISCARDED = text(
    'INSERT INTO dead_letters (id, consumer, identity, topic, partition, "offset", key, value, headers, reason, '
    "detail, state, received_at, decided_at, decided_by, decision_reason) "
    'SELECT gen_random_uuid(), :rebuilding, identity, topic, partition, "offset", key, value, headers, reason, detail, '
    "state, received_at, decided_at, decided_by, decision_reason "
    "FROM dead_letters WHERE consumer = :live AND state = 'discarded' ON CONFLICT (consumer, identity) DO NOTHING"
)


async def existing(engine: AsyncEngine) -> set[int]:
    """The versions that have a schema."""
    async with engine.connect() as connection:
        names = await connection.scalars(_THERE)
        return {int(name.removeprefix("facts_v")) for name in names}


async def create(engine: AsyncEngine, version: int) -> None:
    """An empty version, with nothing read for it yet; all or nothing."""
    schema, rebuilding = schema_of(version), consumer_of(version)
    async with engine.begin() as connection:
        await connection.execute(_FORGET_POSITIONS, {"consumer": rebuilding})
        await connection.execute(_FORGET_LETTERS, {"consumer": rebuilding})
        await connection.execute(text(f"CREATE SCHEMA {schema}"))
        await connection.execution_options(schema_translate_map={SCHEMA: schema})
        await connection.run_sync(_create_tables)
        await connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO reporting_app"))
        for table in TABLES:
            for statement in policy(f"{schema}.{table.name}", "false"):
                name = f"{table.name}_scope"
                await connection.execute(text(statement.replace(f"POLICY {schema}.{name}", f"POLICY {name}")))
            # What is kept of every event is immutable: no UPDATE, and DELETE of nothing.
            update = "" if "event_id" in table.primary_key.columns else ", UPDATE"
            await connection.execute(text(f"GRANT SELECT, INSERT{update} ON {schema}.{table.name} TO reporting_app"))


def _create_tables(connection: Connection) -> None:
    ReportingTable.metadata.create_all(connection, TABLES, checkfirst=False)


async def keep_discarded(engine: AsyncEngine, version: int) -> None:
    """Tells the rebuild of a version which events were discarded by decision of a person."""
    async with engine.begin() as connection:
        await connection.execute(_KEEP_DISCARDED, {"rebuilding": consumer_of(version), "live": CONSUMER})


async def drop(engine: AsyncEngine, version: int) -> None:
    """A version that does not count, with all that its rebuild noted; dropping what is not there changes nothing."""
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP SCHEMA IF EXISTS {schema_of(version)} CASCADE"))
        await connection.execute(_FORGET_POSITIONS, {"consumer": consumer_of(version)})
        await connection.execute(_FORGET_LETTERS, {"consumer": consumer_of(version)})
