"""After an outage much waits to be sent: the relay's work for a wave does not grow with it."""

from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database.unit_of_work import Units
from shared.messaging.relay import WAVE, Relay
from tests.integration.messaging.relaying import emit
from tests.support.databases import superuser_url
from tests.support.stack import Stack


@pytest.mark.parametrize("waiting", [None, 0, 4 * WAVE], ids=["never", "before it", "within it"])
async def test_a_wave_reads_no_more_than_it_sends_whenever_the_statistics_are_from(
    units: Units,
    engine: AsyncEngine,
    relay: Relay,
    producer: AIOKafkaProducer,
    stack: Stack,
    database: str,
    waiting: int | None,
) -> None:
    waves = 2
    if waiting is not None:
        await emit(units, *(uuid4() for _ in range(4 * WAVE - waiting)))
        await all_sent(relay, producer)
        await emit(units, *(uuid4() for _ in range(waiting)))
        await analyze(stack, database)
        await all_sent(relay, producer)
    await emit(units, *(uuid4() for _ in range(4 * WAVE)))
    before = await rows_read(engine)
    for _ in range(waves):
        assert await relay.wave(producer) == WAVE
    assert await rows_read(engine) - before <= waves * 3 * WAVE, "one reading to send, one to delete"


async def all_sent(relay: Relay, producer: AIOKafkaProducer) -> None:
    while await relay.wave(producer):
        pass


async def analyze(stack: Stack, database: str) -> None:
    """Makes PostgreSQL believe that what it sees now is how it will be."""
    owner = await asyncpg.connect(superuser_url(stack.admin_url, database))
    try:
        await owner.execute("ANALYZE outbox")
    finally:
        await owner.close()


async def rows_read(engine: AsyncEngine) -> int:
    """Rows of the outbox that were read so far, on the only connection that the engine has opened."""
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_stat_force_next_flush()"))
    async with engine.begin() as connection:
        statement = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'outbox'"
        return int((await connection.execute(text(statement))).scalar_one())
