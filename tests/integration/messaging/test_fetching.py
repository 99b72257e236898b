"""A partition that cannot be read stands still, visibly and alone: nothing of it or of the others is lost."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient

from shared.contracts.topics import BOOKING
from shared.messaging import fetching
from shared.messaging.consuming import Consuming
from shared.messaging.fetching import READS_A_TURN, CarefulConsumer
from shared.messaging.watchdog import Standing
from tests.integration.messaging.test_consuming import Message, Reader, message, reader
from tests.support.eventually import eventually
from tests.support.kafka_log import put_at

__all__ = ["reader"]

WHOLE, BROKEN = b"WHOLE", b"BROKE"


def spoilt(session: UUID, sequence: int) -> Message:
    """An event that never arrives as it was written, while there is `damage`."""
    key, value, headers = message(session, sequence)
    return key, value, (*headers, ("x-note", WHOLE))


@pytest.fixture
def damage(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """On a disk or on the way, for as long as it holds anything: what arrives is not what the checksum says."""
    damage, send = [True], AIOKafkaClient.send

    async def spoiling(client: AIOKafkaClient, *what: Any, **how: Any) -> Any:
        answer = await send(client, *what, **how)
        if damage and type(answer).__name__.startswith("FetchResponse"):
            answer.topics = [(name, [spoiled(*one) for one in places]) for name, places in answer.topics]
        return answer

    def spoiled(*partition: Any) -> tuple[Any, ...]:
        *others, raw = partition
        return *others, bytes(raw or b"").replace(WHOLE, BROKEN)

    monkeypatch.setattr(AIOKafkaClient, "send", spoiling)
    monkeypatch.setattr(fetching, "PAUSE_SECONDS", 0.2)
    return damage


@pytest.fixture
def in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka asks for partitions in any order: here the last one comes last, behind all that it could take along."""
    monkeypatch.setattr(random, "shuffle", lambda asked: asked.sort())


async def written(reader: Reader, *messages: Message, partition: int = 0) -> None:
    await put_at(reader.stack.bootstrap_servers, reader.prefix + BOOKING.name, partition, messages)


async def applied(reader: Reader, session: UUID) -> list[int]:
    return [sequence for key, sequence, _ in await reader.effects() if key == str(session)]


async def standings(consuming: Consuming) -> dict[int, Standing]:
    places = (await consuming.progress()).standings["notes"]
    return {partition: standing for (_, partition), standing in places.items()}


async def test_it_stops_its_partition_alone_until_it_arrives_whole(reader: Reader, damage: list[bool]) -> None:
    session = uuid4()
    await written(reader, message(session, 1), spoilt(session, 2), message(session, 3))
    await reader.write(*(message(uuid4(), 1) for _ in range(60)))
    async with reader.running() as consuming:

        async def applied_but_what_it_stops() -> bool:
            now = await standings(consuming)
            stopped = consuming.activities["notes"].unreadable == {(BOOKING.name, 0)}
            return stopped and now[0].applied == 1 and not any(now[place].lag for place in now if place)

        await eventually(applied_but_what_it_stops, within=30)
        await reader.write(*(message(uuid4(), 1) for _ in range(60)))
        await eventually(applied_but_what_it_stops, within=30, what="also what came later")
        assert await applied(reader, session) == [1]

        damage.clear()
        await reader.caught_up(consuming)
        await standings(consuming)  # which looks again
        assert consuming.activities["notes"].unreadable == frozenset()

    assert await applied(reader, session) == [1, 2, 3]
    assert len(await reader.effects()) == 123
    assert await reader.rows("SELECT 1 FROM dead_letters") == []


async def test_what_stands_before_it_comes_however_much_that_is(reader: Reader, damage: list[bool]) -> None:
    """More than a turn, and more than one reading takes: it is not thrown away with what cannot be read."""
    session, count = uuid4(), 2 * READS_A_TURN + 7
    await reader.write(*(message(session, sequence) for sequence in range(count)))
    [partition] = {place for place, records in (await everything(reader)).items() if records}
    await written(reader, spoilt(session, count), partition=partition)
    async with reading(reader, partition) as consumer:
        assert await offsets_of(consumer, count) == [(partition, offset) for offset in range(count)]
        [place] = consumer.assignment()
        await eventually(lambda: stopped(consumer), until=lambda places: places == {place}, what="it stands still")
        assert await consumer.position(place) == count


@pytest.mark.usefixtures("in_order", "damage")
async def test_what_was_taken_of_others_before_it_comes_all_the_same(reader: Reader) -> None:
    session = uuid4()
    for partition in range(5):
        await written(reader, message(session, 1), message(session, 2), partition=partition)
    await written(reader, spoilt(session, 1), partition=5)
    async with reading(reader, *range(6)) as consumer:
        assert sorted(await offsets_of(consumer, 10)) == [(n, at) for n in range(5) for at in (0, 1)]


@pytest.mark.usefixtures("in_order", "damage")
async def test_where_the_group_begins_nothing_is_lost_either(reader: Reader) -> None:
    """As when the database does not answer, and nobody tells the consumer where to begin."""
    session = uuid4()
    await written(reader, spoilt(session, 1), partition=5)
    for partition in range(5):
        await written(reader, message(session, 1), message(session, 2), partition=partition)
    consumer = CarefulConsumer(
        reader.prefix + BOOKING.name,
        bootstrap_servers=reader.stack.bootstrap_servers,
        group_id=f"{reader.prefix}group",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        assert sorted(await offsets_of(consumer, 10)) == [(n, at) for n in range(5) for at in (0, 1)]
    finally:
        await consumer.stop()


@pytest.mark.usefixtures("damage")
async def test_who_asks_for_it_alone_gets_nothing_of_the_others(reader: Reader) -> None:
    """A rebuild asks for what it still needs, and must find out that this does not come."""
    await written(reader, spoilt(uuid4(), 1))
    await written(reader, message(uuid4(), 1), partition=1)
    async with reading(reader, 0, 1) as consumer:
        broken, other = sorted(consumer.assignment())
        taken: list[TopicPartition] = []

        async def tried() -> bool:
            taken.extend(await consumer.getmany(broken, timeout_ms=100))
            return consumer.unreadable == {broken}

        await eventually(tried)
        await tried()
        assert taken == []
        assert list(await eventually(lambda: consumer.getmany(broken, other, timeout_ms=100))) == [other]


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_what_was_compressed_is_consumed(reader: Reader, codec: str) -> None:
    """By the broker, or by whoever wrote it: a setting of the topic, which must not stop anybody."""
    session = uuid4()
    producer = AIOKafkaProducer(bootstrap_servers=reader.stack.bootstrap_servers, compression_type=codec)
    await producer.start()
    try:
        for sequence in range(1, 30):
            key, value, headers = message(session, sequence)
            await producer.send(reader.prefix + BOOKING.name, value, key, headers=list(headers))
    finally:
        await producer.stop()
    async with reader.running() as consuming:
        await reader.caught_up(consuming)
    assert await applied(reader, session) == list(range(1, 30))


@asynccontextmanager
async def reading(reader: Reader, *partitions: int) -> AsyncIterator[CarefulConsumer]:
    """The consumer alone, without a group."""
    consumer = CarefulConsumer(bootstrap_servers=reader.stack.bootstrap_servers)
    await consumer.start()
    try:
        places = [TopicPartition(reader.prefix + BOOKING.name, partition) for partition in partitions]
        consumer.assign(places)
        for place in places:
            consumer.seek(place, 0)
        yield consumer
    finally:
        await consumer.stop()


async def stopped(consumer: CarefulConsumer) -> frozenset[TopicPartition]:
    await consumer.getmany(timeout_ms=50)
    return consumer.unreadable


async def everything(reader: Reader) -> dict[int, int]:
    """How many records stand on each partition."""
    async with reading(reader, *range(BOOKING.partitions)) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
    return {place.partition: end for place, end in ends.items()}


async def offsets_of(consumer: CarefulConsumer, count: int) -> list[tuple[int, int]]:
    """Partition and offset of what it hands out, `count` in all or more."""
    seen: list[tuple[int, int]] = []

    async def enough() -> bool:
        for place, records in (await consumer.getmany(timeout_ms=100)).items():
            seen.extend((place.partition, record.offset) for record in records)
        return len(seen) >= count

    await eventually(enough)
    return seen
