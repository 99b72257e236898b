"""What stands on a topic, read from the first offset to the end; and a writer that respects no contract."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.contracts.topics import PARTITIONS

Headers = Iterable[tuple[str, bytes]]


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


async def everything_on(bootstrap_servers: str, topic: str) -> list[Written]:
    """Every record of a declared topic, in the order of each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(places)
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


async def put(
    bootstrap_servers: str, topic: str, records: Sequence[tuple[bytes | None, bytes | None, Headers]]
) -> None:
    """Writes (key, value, headers) as they are: what another program, or a faulty one, could write."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all")
    try:
        await producer.start()
        for key, value, headers in records:
            await producer.send_and_wait(topic, value, key=key, headers=list(headers))
    finally:
        await producer.stop()
