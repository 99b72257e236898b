"""What stands on a topic, read from the first offset to the end; and a writer that respects no contract."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from shared.contracts.topics import ALL, PARTITIONS
from shared.messaging.fetching import CarefulConsumer

Headers = Iterable[tuple[str, bytes]]
Message = tuple[bytes | None, bytes | None, Headers]


@dataclass(frozen=True)
class Written:
    """One record as it stands on the topic."""

    partition: int
    offset: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    def header(self, name: str) -> str:
        """One header as text."""
        return dict(self.headers)[name].decode()


def on_every_partition(each: int) -> list[UUID]:
    """Random ids for keys of a declared topic, so many for each partition: by chance alone one may stay empty."""
    places: dict[int, list[UUID]] = {number: [] for number in range(PARTITIONS)}
    while any(len(ids) < each for ids in places.values()):
        one = uuid4()
        ids = places[DefaultPartitioner()(str(one).encode(), [*places], [*places])]
        if len(ids) < each:
            ids.append(one)
    return [one for ids in places.values() for one in ids]


async def everything_on(bootstrap_servers: str, topic: str) -> list[Written]:
    """Every record of a declared topic, in the order of each partition."""
    consumer = CarefulConsumer(bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        [partitions] = [declared.partitions for declared in ALL if topic.endswith(declared.name)]
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(places)
        for place, first in (await consumer.beginning_offsets(places)).items():
            consumer.seek(place, first)
        ends = await consumer.end_offsets(places)
        records: list[Written] = []
        while len(records) < sum(ends.values()):
            for batch in (await consumer.getmany(timeout_ms=1000)).values():
                records.extend(
                    Written(raw.partition, raw.offset, raw.key, raw.value, tuple(raw.headers)) for raw in batch
                )
        return records
    finally:
        await consumer.stop()


async def put(bootstrap_servers: str, topic: str, records: Sequence[Message]) -> None:
    """Writes (key, value, headers) as they are: what another program, or a faulty one, could write."""
    async with _producer(bootstrap_servers) as producer:
        everywhere = sorted(await producer.partitions_for(topic))
        for one in records:
            partition = DefaultPartitioner()(one[0], everywhere, everywhere)
            await _put(producer, topic, partition, one)


async def put_in_order(bootstrap_servers: str, records: Iterable[tuple[str, Message]]) -> None:
    """Writes (topic, (key, value, headers)), one after the other."""
    async with _producer(bootstrap_servers) as producer:
        for topic, (key, value, headers) in records:
            await producer.send_and_wait(topic, value, key, headers=list(headers))


async def put_at(bootstrap_servers: str, topic: str, partition: int, records: Sequence[Message]) -> None:
    """Writes them to one partition, each as a batch of its own."""
    async with _producer(bootstrap_servers) as producer:
        for one in records:
            await _put(producer, topic, partition, one)


async def _put(producer: AIOKafkaProducer, topic: str, partition: int, record: Message) -> None:
    key, value, headers = record
    await producer.send_and_wait(topic, value, key, partition=partition, headers=list(headers))


@asynccontextmanager
async def _producer(bootstrap_servers: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all")
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()
