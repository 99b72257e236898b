"""A wave of outbox rows on its way to Kafka: one batch per partition instead of one call per row.

FastStream's `publish_batch` ignores keys, and its `publish` costs twice the processor time per row. The partition is
the one that every Kafka client gives a key, so whoever else sends meets the same order. Rows of a key stand in their
order in one batch or in batches that follow one another.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.partitioner import DefaultPartitioner

MAX_REQUEST_BYTES = 1_048_576
BATCH_BYTES = 2**18  # a wave is one or two batches of each partition; a larger row is a batch of its own
RECORD_BYTES = 64  # what Kafka's format adds to a record at most, without its headers
HEADER_BYTES = 8  # what it adds to each header

T = TypeVar("T")
Header = tuple[str, bytes]


def idempotent_producer(bootstrap_servers: str, client_id: str) -> AIOKafkaProducer:
    """A producer that reorders and loses nothing while a broker is frozen or gone."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        client_id=client_id,
        acks="all",
        enable_idempotence=True,
        linger_ms=2,
        max_batch_size=BATCH_BYTES,
        max_request_size=MAX_REQUEST_BYTES,
        request_timeout_ms=10_000,
    )


class Batches:
    """The batches of one wave."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._partitions: dict[str, tuple[int, ...]] = {}
        self._batches: dict[tuple[str, int], list[Any]] = {}

    async def add(self, topic: str, key: bytes, value: bytes | None, headers: Sequence[Header]) -> None:
        """Puts a record behind those of its key. Raises MessageSizeTooLargeError when no request can hold it."""
        size = RECORD_BYTES + len(key) + len(value or b"") + _size(headers)
        if size > MAX_REQUEST_BYTES:
            raise MessageSizeTooLargeError(f"the record has {size} bytes, a request takes {MAX_REQUEST_BYTES}")
        batches = self._batches.setdefault((topic, partition_of(key, await self._partitions_of(topic))), [])
        record = {"key": key, "value": value, "headers": headers, "timestamp": None}
        if not batches or batches[-1].append(**record) is None:  # None: the batch is full
            batches.append(self._producer.create_batch())
            batches[-1].append(**record)

    async def hand_over(self) -> list[Awaitable[Any]]:
        """Gives all batches to the producer; returns their acknowledgements to come."""
        handed = await every(self._in_order(*place, batches) for place, batches in self._batches.items())
        return [acknowledgement for partition in handed for acknowledgement in partition]

    async def _in_order(self, topic: str, partition: int, batches: Iterable[Any]) -> list[Awaitable[Any]]:
        return [await self._producer.send_batch(batch, topic, partition=partition) for batch in batches]

    async def _partitions_of(self, topic: str) -> tuple[int, ...]:
        if topic not in self._partitions:
            self._partitions[topic] = tuple(sorted(await self._producer.partitions_for(topic)))
        return self._partitions[topic]


@lru_cache(maxsize=10_000)
def partition_of(key: bytes, partitions: tuple[int, ...]) -> int:
    """The partition of a key. Remembered: the hash is plain Python, and a session has many events."""
    chosen: int = DefaultPartitioner()(key, partitions, partitions)
    return chosen


async def every(awaited: Iterable[Awaitable[T]]) -> list[T]:
    """All outcomes, once all are known; raises the first error of them."""
    outcomes = await asyncio.gather(*awaited, return_exceptions=True)
    done: list[T] = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        done.append(outcome)
    return done


def _size(headers: Iterable[Header]) -> int:
    return sum([HEADER_BYTES + len(name.encode()) + len(value) for name, value in headers])
