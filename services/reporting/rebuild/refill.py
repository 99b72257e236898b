"""Filling a version from the topics: the same pipeline as always (decoding, dead letters, positions), without a group.

Where it stands is in the database, with the rows: after a kill it goes on from there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import TopicPartition
from sqlalchemy import text

from services.reporting.facts.past import Place, Positions
from services.reporting.facts.record import record_into
from services.reporting.facts.versions import TOPICS, consumer_of
from shared.database.unit_of_work import Units
from shared.messaging.delivery import Consumer, Delivery
from shared.messaging.fetching import CarefulConsumer
from shared.messaging.parser import records_of
from shared.messaging.pipeline import Pipeline

Moved = Callable[[int, int], None]
"""Called with how many offsets are read, and of how many."""

BATCH: Final = 1000
FETCHED: Final = 8 * BATCH
AT_ONCE: Final = 3
"""Batches of different partitions under way: while one waits for the database, another is decoded."""
PATIENCE_SECONDS: Final = 60.0

_POSITIONS = text("SELECT topic, partition, next_offset FROM consumer_positions WHERE consumer = :consumer")


class Stalled(Exception):
    """Kafka gave nothing for a long time although there is something to read, or it is damaged: the log says which."""


class Refill:
    """Reads the topics into one version."""

    def __init__(
        self, units: Units, version: int, kafka: CarefulConsumer, prefix: str, pipeline: type[Pipeline]
    ) -> None:
        consumer = Consumer(consumer_of(version), TOPICS, record_into(version), deduplicates=True)
        self._deliver = pipeline(consumer, units).build()
        self._kafka = kafka
        self._prefix = prefix
        self._places = [TopicPartition(prefix + topic.name, n) for topic in TOPICS for n in range(topic.partitions)]
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def ends(self) -> Positions:
        """Where every partition ends now."""
        return self._named(await self._kafka.end_offsets(self._places))

    async def until(self, target: Positions, moved: Moved = lambda done, total: None) -> None:
        """Reads until every partition is at its target or beyond. Raises Stalled."""
        total = sum(target.values())
        read_at = time.monotonic()
        while left := await self._behind(target):
            moved(total - sum(left.values()), total)
            batches = await self._kafka.getmany(*left, timeout_ms=1000, max_records=FETCHED)
            await self._apply(batches)
            if batches:
                read_at = time.monotonic()
            elif time.monotonic() - read_at > PATIENCE_SECONDS:
                raise Stalled(f"Kafka gave nothing for {PATIENCE_SECONDS:.0f} s, {sum(left.values())} events are left")
        moved(total, total)

    async def begin(self, applied: Positions) -> None:
        """After what is applied; retention may have removed the oldest records."""
        self._kafka.assign(self._places)
        beginnings = await self._kafka.beginning_offsets(self._places)
        for place, first in beginnings.items():
            self._kafka.seek(place, max(first, applied.get(self._name(place), 0)))

    async def _behind(self, target: Positions) -> dict[TopicPartition, int]:
        """How many offsets each partition is short of its target."""
        short = {place: target.get(self._name(place), 0) - await self._kafka.position(place) for place in self._places}
        return {place: count for place, count in short.items() if count > 0}

    async def _apply(self, batches: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """Batches of a partition one after the other, partitions side by side."""
        done = await asyncio.gather(*map(self._apply_partition, batches.values()), return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _apply_partition(self, raw: Sequence[Any]) -> None:
        for first in range(0, len(raw), BATCH):
            async with self._slots:
                await self._deliver(Delivery(records_of(tuple(raw[first : first + BATCH]), self._prefix)))

    def _named(self, offsets: Mapping[TopicPartition, int]) -> Positions:
        return {self._name(place): offset for place, offset in offsets.items()}

    def _name(self, place: TopicPartition) -> Place:
        return place.topic.removeprefix(self._prefix), place.partition


async def positions_of(units: Units, consumer: str) -> Positions:
    """How far a consumer has come, as it stands in the database."""
    async with units.system() as unit:
        rows = await unit.all(_POSITIONS, {"consumer": consumer})
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


@asynccontextmanager
async def refilling(
    units: Units, version: int, *, bootstrap_servers: str, prefix: str, pipeline: type[Pipeline]
) -> AsyncIterator[Refill]:
    """A reader that begins where this version stands."""
    kafka = CarefulConsumer(
        bootstrap_servers=bootstrap_servers,
        client_id=f"kursnav-rebuild-{units.service}",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await kafka.start()
    try:
        refill = Refill(units, version, kafka, prefix, pipeline)
        await refill.begin(await positions_of(units, consumer_of(version)))
        yield refill
    finally:
        await kafka.stop()
