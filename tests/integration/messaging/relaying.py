"""A relay whose waves are called by hand, its producer, and what it has sent and has not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Units
from shared.messaging.relay import Relay
from shared.messaging.sending import idempotent_producer
from tests.support.databases import owner_url
from tests.support.events import released
from tests.support.kafka_log import everything_on
from tests.support.mechanisms import SERVICE
from tests.support.stack import Stack

LONG = 3600.0  # seconds: a lease that no slow machine sleeps through


@pytest.fixture
def relay_of(engine: AsyncEngine, stack: Stack, prefix: str) -> Callable[[str], Relay]:
    """A relay of the named instance, which loses its lease only where the test takes it."""

    def make(instance: str) -> Relay:
        relay = Relay(
            engine, service="booking", instance=instance, bootstrap_servers=stack.bootstrap_servers, prefix=prefix
        )
        relay.lease.seconds = LONG
        return relay

    return make


@pytest.fixture
async def relay(relay_of: Callable[[str], Relay]) -> Relay:
    """A relay that holds the lease; its waves are called by hand."""
    relay = relay_of("first")
    assert await relay.lease.take()
    return relay


@pytest.fixture
async def producer(stack: Stack) -> AsyncIterator[AIOKafkaProducer]:
    producer = idempotent_producer(stack.bootstrap_servers, "test")
    await producer.start()
    yield producer
    await producer.stop()


@pytest.fixture
def sent(stack: Stack, prefix: str) -> Callable[[], Awaitable[list[tuple[str, int]]]]:
    """(key, sequence) of every record on the booking topic."""

    async def read() -> list[tuple[str, int]]:
        records = await everything_on(stack.bootstrap_servers, prefix + BOOKING.name)
        return [(record.key.decode(), int(record.header("ce_sequence"))) for record in records]

    return read


Sent = Callable[[], Awaitable[list[tuple[str, int]]]]


async def emit(units: Units, *sessions: UUID) -> None:
    async with units.system() as unit:
        for session in sessions:
            unit.emit(released(session, 1))


async def unpublished(units: Units) -> list[tuple[str, int]]:
    """(key, sequence) of what waits to be sent."""
    async with units.system() as unit:
        rows = await unit.all("SELECT key, sequence FROM outbox ORDER BY id")
    return [(row["key"], row["sequence"]) for row in rows]


async def as_owner(stack: Stack, database: str, statement: str, *values: object) -> None:
    """Does to the outbox what the service's own role may not."""
    owner = await asyncpg.connect(owner_url(stack.admin_url, SERVICE, database))
    try:
        await owner.execute(statement, *values)
    finally:
        await owner.close()


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[Relay]:
    """The relay, running inside the block."""
    await relay.start()
    try:
        yield relay
    finally:
        await asyncio.wait_for(relay.stop(), 20)
