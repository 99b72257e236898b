"""Outbox → topic → facts: kursnav's relay and consumer, beside loops that only read the same events and insert them;
the batched one into the same tables, with their indexes.

The loops read a topic that is full already. They send nothing, check nothing and know no duplicates, dead letters or
positions: kursnav does both halves of the way, and what its guarantees cost is the distance to the batched loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer

from infra.bench.databases import database_of
from shared.clock import SystemClock
from shared.contracts.booking_v1 import RegistrationConfirmed
from shared.contracts.topics import BOOKING
from shared.ids import SystemIds
from shared.messaging.outbox import Cause, Outbox

EVENTS: Final = 40_000
EVENTS_ONE_BY_ONE: Final = 2_000
SEATS: Final = 40
BATCH: Final = 500
LOOK_SECONDS: Final = 0.02
LONGEST_WAIT: Final = 90.0
DATABASE: Final = "bare"
TABLE: Final = "CREATE TABLE bare_facts (event_id uuid PRIMARY KEY, key text NOT NULL, data jsonb NOT NULL)"
INSERT_ONE: Final = "INSERT INTO bare_facts VALUES ($1, $2, $3)"
INSERT_BATCH: Final = """
WITH added AS (
    INSERT INTO facts_v1.facts (event_id, key, data, type, topic, partition, "offset", sequence, occurred_at,
                                recorded_at, natural_key)
    SELECT event_id, key, data, type, 'bare', partition, "offset", sequence, at, at,
           coalesce('registration/' || (data ->> 'registration_id'), 'event/' || event_id)
      FROM unnest($1::uuid[], $2::text[], $3::text[]::jsonb[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[],
                  $8::text[]::timestamptz[])
           AS new (event_id, key, data, type, partition, "offset", sequence, at)
    RETURNING *
)
INSERT INTO facts_v1.registration_steps
    (session_id, registration_id, sequence, event_id, participant_id, municipality, employment_id, at, status, via,
     late)
SELECT key::uuid, (data ->> 'registration_id')::uuid, sequence, event_id, (data ->> 'participant_id')::uuid,
       data ->> 'municipality', (data ->> 'employment_id')::uuid, occurred_at, 'confirmed', data ->> 'via', false
  FROM added WHERE data ->> 'registration_id' IS NOT NULL
"""
ARRIVED: Final = "SELECT event_id FROM facts_v1.facts WHERE event_id = ANY($1::uuid[])"
ASKED_AT_ONCE: Final = 50
Row = tuple[UUID, str, str, str, int, int, int, str]
Insert = Callable[[Sequence[Row]], Awaitable[Any]]


@dataclass(frozen=True)
class Throughput:
    """Events per second of the three ways; 0 when not measured."""

    events: int = 0
    kursnav: float = 0.0
    one_by_one: float = 0.0
    batched: float = 0.0

    @property
    def to_batched(self) -> float:
        return self.kursnav / self.batched if self.batched else 0.0

    @property
    def to_one_by_one(self) -> float:
        return self.kursnav / self.one_by_one if self.one_by_one else 0.0


async def throughput(bootstrap_servers: str, admin_url: str, url_of: Callable[[str], str]) -> Throughput:
    """Needs a booking and a reporting that run and have nothing left to do. Raises TimeoutError."""
    async with asyncio.timeout(LONGEST_WAIT):
        kursnav = EVENTS / await _through_kursnav(url_of("booking"), url_of("reporting"))
        async with database_of("reporting", admin_url, DATABASE):
            return Throughput(EVENTS, kursnav, *await _bare(bootstrap_servers, url_of(DATABASE)))


async def _bare(bootstrap_servers: str, superuser_url: str) -> tuple[float, float]:
    """Events per second one by one and batched, past row-level security."""
    bare = await asyncpg.connect(superuser_url)
    try:
        await bare.execute(TABLE)

        async def one_by_one(rows: Sequence[Row]) -> None:
            for row in rows:
                await bare.execute(INSERT_ONE, *row[:3])

        async def batched(rows: Sequence[Row]) -> None:
            await bare.execute(INSERT_BATCH, *map(list, zip(*rows, strict=True)))

        single = await _loop(bootstrap_servers, "bench-one-by-one", EVENTS_ONE_BY_ONE, one_by_one)
        return single, await _loop(bootstrap_servers, "bench-batched", EVENTS, batched)
    finally:
        await bare.close()


async def _through_kursnav(booking_url: str, reporting_url: str) -> float:
    """Seconds from the commit of the outbox rows until reporting has committed the fact of each."""
    booking, reporting = await asyncpg.connect(booking_url), await asyncpg.connect(reporting_url)
    try:
        ids = await _commit_outbox(booking)
        began = time.perf_counter()
        # Order is kept per key: a key's last event is there only when all before it are.
        await _all_arrived(reporting, ids[SEATS - 1 :: SEATS])
        seconds = time.perf_counter() - began
        if (arrived := len(await reporting.fetch(ARRIVED, ids))) != len(ids):
            raise RuntimeError(f"reporting has {arrived} facts of {len(ids)} events")
    finally:
        await booking.close()
        await reporting.close()
    return seconds


async def _all_arrived(connection: asyncpg.Connection, ids: Sequence[UUID]) -> None:
    """Asks for a few at a time: asking for all again and again would cost a share of what is measured."""
    waiting = list(ids)
    while waiting:
        asked = waiting[:ASKED_AT_ONCE]
        arrived = {row["event_id"] for row in await connection.fetch(ARRIVED, asked)}
        waiting = [one for one in waiting if one not in arrived]
        if len(arrived) < len(asked):
            await asyncio.sleep(LOOK_SECONDS)


async def _commit_outbox(connection: asyncpg.Connection) -> list[UUID]:
    """Registrations of many sessions, written by the outbox's own statement and committed at once; their ids."""
    cause, now, ids = Cause(), SystemClock().now(), list[UUID]()
    async with connection.transaction():
        for _ in range(EVENTS // SEATS):
            session, outbox = uuid4(), Outbox("/kursnav/booking", SystemIds(), None)
            for _ in range(SEATS):
                data = _registration(session)
                ids.append(outbox.add(data, key=str(session), time=now, recorded_at=now, cause=cause))
            await outbox.flush(connection.fetch, now)
    return ids


def _registration(session: UUID) -> RegistrationConfirmed:
    return RegistrationConfirmed(
        registration_id=uuid4(),
        session_id=session,
        participant_id=uuid4(),
        municipality="1884",
        employment_id=uuid4(),
        via="single",
    )


async def _loop(bootstrap_servers: str, group: str, events: int, insert: Insert) -> float:
    """Events per second of reading, inserting and committing the offsets, batch after batch, after a first record."""
    consumer = AIOKafkaConsumer(
        BOOKING.name,
        bootstrap_servers=bootstrap_servers,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        await consumer.getone()  # joining the group is not what is measured
        done, began = 0, time.perf_counter()
        while done < events:
            found = await consumer.getmany(timeout_ms=1_000, max_records=min(BATCH, events - done))
            rows = [_row(record) for records in found.values() for record in records]
            if rows:
                await insert(rows)
                await consumer.commit()
            done += len(rows)
        return done / (time.perf_counter() - began)
    finally:
        await consumer.stop()


def _row(record: Any) -> Row:
    headers = {name: value.decode() for name, value in record.headers}
    return (
        UUID(headers["ce_id"]),
        record.key.decode(),
        record.value.decode(),
        headers["ce_type"],
        record.partition,
        record.offset,
        int(headers["ce_sequence"]),
        headers["ce_time"],
    )
