"""Records that aiokafka cannot read: dead letters like any other, unless they are damaged; the others lose nothing."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient

from shared.contracts.topics import BOOKING
from shared.messaging import dead_letters, fetching, lenient
from shared.messaging.consuming import Consuming
from shared.messaging.fetching import CarefulConsumer
from shared.messaging.watchdog import Standing
from tests.integration.messaging.test_consuming import Message, Reader, message, reader
from tests.support.eventually import eventually
from tests.support.kafka_log import CODECS, put_batch

__all__ = ["reader"]

NAME, NAME_BYTES = "x-\udcff\udcfe", b"x-\xff\xfe"
COMPRESSED = [codec for codec in CODECS if codec != "none"]


def unreadable(session: UUID, sequence: int) -> Message:
    """An event that would be applied, but for the name of one header more."""
    key, value, headers = message(session, sequence)
    return key, value, (*headers, (NAME, b"v"))


async def batch(reader: Reader, *messages: Message, codec: str = "none", partition: int = 0) -> int:
    """Writes them as one batch; answers the offset of the first."""
    topic = reader.prefix + BOOKING.name
    return await put_batch(reader.stack.bootstrap_servers, topic, messages, partition=partition, codec=codec)


async def letters(reader: Reader, state: str = "dead") -> list[dict[str, Any]]:
    rows = await reader.rows('SELECT * FROM dead_letters ORDER BY topic, partition, "offset"')
    return [row for row in rows if row["state"] == state]


async def applied(reader: Reader, session: UUID) -> list[int]:
    return [sequence for key, sequence, _ in await reader.effects() if key == str(session)]


async def standings(consuming: Consuming) -> dict[int, Standing]:
    places = (await consuming.progress()).standings["notes"]
    return {partition: standing for (_, partition), standing in places.items()}


async def codec_on(reader: Reader, partition: int, offset: int) -> str:
    """How the batch is compressed that stands there."""
    client = AIOKafkaClient(bootstrap_servers=reader.stack.bootstrap_servers)
    await client.bootstrap()
    try:
        place = TopicPartition(reader.prefix + BOOKING.name, partition)
        await client.set_topics([place.topic])
        found = lenient.batch_of(await lenient.raw_batch(client, place, offset))
    finally:
        await client.close()
    return next(name for name, number in CODECS.items() if number == found.attributes & lenient.CODEC)


@pytest.fixture
def in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka asks for partitions in any order: here the last one comes last, behind all that it could take along."""
    monkeypatch.setattr(random, "shuffle", lambda asked: asked.sort())


class TestCompressed:
    @pytest.mark.parametrize("codec", COMPRESSED)
    async def test_what_the_broker_compresses_is_consumed(self, reader: Reader, codec: str) -> None:
        session = uuid4()
        admin = AIOKafkaAdminClient(bootstrap_servers=reader.stack.bootstrap_servers)
        await admin.start()
        try:
            name = reader.prefix + BOOKING.name
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"compression.type": codec})])
        finally:
            await admin.close()

        async def written() -> bool:
            """The broker learns of the setting a moment later."""
            offset = await batch(reader, *(message(session, sequence) for sequence in range(1, 30)))
            return await codec_on(reader, 0, offset) == codec

        await eventually(written, what="compressed by the broker")
        async with reader.running() as consuming:
            await reader.caught_up(consuming)

        assert sorted(set(await applied(reader, session))) == list(range(1, 30))
        assert await letters(reader) == []


class TestANameThatIsNoUtf8:
    async def test_it_is_a_dead_letter_with_every_byte(self, reader: Reader) -> None:
        bad = unreadable(uuid4(), 1)
        offset = await batch(reader, bad)
        async with reader.running() as consuming:
            await reader.caught_up(consuming)
            assert consuming.activities["notes"].unreadable == frozenset()

        [letter] = await letters(reader)
        assert (letter["topic"], letter["partition"], letter["offset"]) == (BOOKING.name, 0, offset)
        assert letter["reason"] == "header-not-utf8"
        assert letter["detail"] == f"the name of header {NAME_BYTES!r} is not UTF-8"
        record = dead_letters.record_of(letter)
        assert (record.key, record.value, record.headers) == bad

    @pytest.mark.parametrize("stages", [(), ("duplicate_every_message", "fail_first_attempt")], ids=["plain", "hard"])
    @pytest.mark.parametrize("codec", CODECS)
    async def test_what_stands_around_it_in_its_batch_is_applied_in_order(
        self, reader: Reader, codec: str, stages: tuple[str, ...]
    ) -> None:
        session = uuid4()
        kinds = [message, unreadable, unreadable, message, message, unreadable, message]
        offset = await batch(reader, *(kind(session, n) for n, kind in enumerate(kinds, 1)), codec=codec)
        assert await codec_on(reader, 0, offset) == codec
        await batch(reader, message(session, 8))

        async with reader.running(*stages) as consuming:
            await reader.caught_up(consuming)

        assert await applied(reader, session) == [1, 4, 5, 7, 8]
        assert [letter["offset"] - offset for letter in await letters(reader)] == [1, 2, 5]

    async def test_a_batch_of_more_than_a_turn_is_applied_once(self, reader: Reader) -> None:
        session, count = uuid4(), 3 * fetching.READS_A_TURN + 7
        kinds = [unreadable if n % 3 == 0 else message for n in range(count)]
        await batch(reader, *(kind(session, n) for n, kind in enumerate(kinds)))

        async with reader.running() as consuming:
            await reader.caught_up(consuming)

        assert await applied(reader, session) == [n for n in range(count) if n % 3]
        assert [letter["offset"] for letter in await letters(reader)] == [n for n in range(count) if not n % 3]

    async def test_an_ordered_consumer_parks_the_events_of_its_key(self, reader: Reader) -> None:
        broken, whole = uuid4(), uuid4()
        await batch(reader, message(broken, 1), message(whole, 1), unreadable(broken, 2), message(whole, 2))
        await batch(reader, message(broken, 3), message(whole, 3))

        async with reader.running(ordered=True) as consuming:
            await reader.caught_up(consuming)
            await batch(reader, message(broken, 4), message(whole, 4))
            await reader.caught_up(consuming)

        assert (await applied(reader, broken), await applied(reader, whole)) == ([1], [1, 2, 3, 4])
        assert [letter["offset"] for letter in await letters(reader)] == [2]
        assert [letter["offset"] for letter in await letters(reader, "parked")] == [4, 6]

    async def test_offsets_that_hold_no_record_are_passed(self, reader: Reader) -> None:
        """As behind a transaction: the broker's own marker takes an offset."""
        session = uuid4()
        producer = AIOKafkaProducer(
            bootstrap_servers=reader.stack.bootstrap_servers, transactional_id=f"{reader.prefix}writer"
        )
        await producer.start()
        try:
            for sequence in (1, 2):
                async with producer.transaction():
                    key, value, headers = message(session, sequence)
                    await producer.send(reader.prefix + BOOKING.name, value, key, partition=0, headers=list(headers))
        finally:
            await producer.stop()
        await self.ends_at(reader, 4)  # the broker answers a commit before its marker stands
        offset = await batch(reader, unreadable(session, 3), message(session, 4))
        assert offset == 4

        async with reader.running() as consuming:
            await reader.caught_up(consuming)

        assert await applied(reader, session) == [1, 2, 4]
        assert [letter["offset"] for letter in await letters(reader)] == [offset]

    async def ends_at(self, reader: Reader, offset: int) -> None:
        async with reading(reader, 0) as consumer:
            [place] = consumer.assignment()

            async def end() -> int:
                return int((await consumer.end_offsets([place]))[place])

            await eventually(end, until=lambda end: end == offset, what=f"the partition ends at {offset}")

    async def test_the_other_partitions_lose_nothing(self, reader: Reader) -> None:
        await reader.write(*(message(uuid4(), 1) for _ in range(60)))
        await batch(reader, unreadable(uuid4(), 1), partition=4)
        await batch(reader, unreadable(uuid4(), 1), partition=5)
        await reader.write(*(message(uuid4(), 1) for _ in range(60)))
        async with reader.running() as consuming:
            await reader.write(*(message(uuid4(), 1) for _ in range(300)))
            await batch(reader, unreadable(uuid4(), 1), partition=2)
            await reader.write(*(message(uuid4(), 1) for _ in range(60)))
            await reader.caught_up(consuming)

        assert len(await reader.effects()) == 480
        assert [letter["partition"] for letter in await letters(reader)] == [2, 4, 5]


@asynccontextmanager
async def reading(reader: Reader, *partitions: int) -> AsyncIterator[CarefulConsumer]:
    """The consumer alone, without a group."""
    consumer = CarefulConsumer(bootstrap_servers=reader.stack.bootstrap_servers)
    await consumer.start()
    try:
        assign(consumer, reader, *partitions)
        yield consumer
    finally:
        await consumer.stop()


def assign(consumer: CarefulConsumer, reader: Reader, *partitions: int) -> None:
    places = [TopicPartition(reader.prefix + BOOKING.name, partition) for partition in partitions]
    consumer.assign(places)
    for place in places:
        consumer.seek(place, 0)


async def offsets_of(consumer: CarefulConsumer, count: int) -> list[tuple[int, int]]:
    """Partition and offset of what it hands out, `count` in all or more."""
    seen: list[tuple[int, int]] = []

    async def enough() -> bool:
        for place, records in (await consumer.getmany(timeout_ms=100)).items():
            seen.extend((place.partition, record.offset) for record in records)
        return len(seen) >= count

    await eventually(enough)
    return seen


class TestPosition:
    async def test_it_stands_behind_what_was_handed_out(self, reader: Reader) -> None:
        """Refilling the facts and the group's offset go by it."""
        session = uuid4()
        await batch(reader, message(session, 1), unreadable(session, 2))
        async with reading(reader, 0) as consumer:
            [place] = consumer.assignment()
            assert await offsets_of(consumer, 2) == [(0, 0), (0, 1)]
            assert await consumer.position(place) == 2

    @pytest.mark.usefixtures("in_order")
    async def test_what_was_taken_before_it_comes_all_the_same(self, reader: Reader) -> None:
        session = uuid4()
        for partition in range(5):
            await batch(reader, message(session, 1), message(session, 2), partition=partition)
        await batch(reader, unreadable(session, 1), partition=5)
        async with reading(reader, *range(6)) as consumer:
            assert sorted(await offsets_of(consumer, 11)) == [*((n, at) for n in range(5) for at in (0, 1)), (5, 0)]

    async def test_of_a_long_batch_a_part_is_handed_out_at_a_time(self, reader: Reader) -> None:
        session, count = uuid4(), 3 * fetching.READS_A_TURN
        await batch(reader, *(unreadable(session, sequence) for sequence in range(count)))
        async with reading(reader, 0) as consumer:
            parts: list[list[int]] = []

            async def all_of_them() -> bool:
                taken = await consumer.getmany(timeout_ms=100)
                parts.extend([record.offset for record in records] for records in taken.values())
                return sum(map(len, parts)) >= count

            await eventually(all_of_them)
        assert [offset for part in parts for offset in part] == list(range(count))
        assert max(map(len, parts)) < 2 * fetching.READS_A_TURN

    @pytest.mark.usefixtures("in_order")
    async def test_where_the_group_begins_nothing_is_lost_either(self, reader: Reader) -> None:
        """As when the database does not answer, and nobody tells the consumer where to begin."""
        session = uuid4()
        await batch(reader, unreadable(session, 1), partition=5)
        for partition in range(5):
            await batch(reader, message(session, 1), message(session, 2), partition=partition)
        name = reader.prefix + BOOKING.name
        consumer = CarefulConsumer(
            name,
            bootstrap_servers=reader.stack.bootstrap_servers,
            group_id=f"{reader.prefix}group",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            assert sorted(await offsets_of(consumer, 11)) == [*((n, at) for n in range(5) for at in (0, 1)), (5, 0)]
        finally:
            await consumer.stop()


class TestMovedMeanwhile:
    """The group may give a partition to somebody, or begin anew on it, while its batch is on the way."""

    async def test_back_to_an_earlier_offset(self, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
        session = uuid4()
        await batch(reader, message(session, 1), unreadable(session, 2), message(session, 3))
        async with reading(reader, 0) as consumer:
            self.meanwhile(monkeypatch, lambda: assign(consumer, reader, 0))
            assert await offsets_of(consumer, 4) == [(0, 0), (0, 0), (0, 1), (0, 2)]

    async def test_to_somebody_else(self, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
        session = uuid4()
        await batch(reader, unreadable(session, 1), message(session, 2))
        await batch(reader, message(session, 3), partition=1)
        async with reading(reader, 0) as consumer:
            self.meanwhile(monkeypatch, lambda: assign(consumer, reader, 1))
            assert await offsets_of(consumer, 1) == [(1, 0)]

    def meanwhile(self, monkeypatch: pytest.MonkeyPatch, moved: Any) -> None:
        records_at, moves = lenient.records_at, [moved]

        async def then_moved(*where: Any, **how: Any) -> list[Any]:
            records = await records_at(*where, **how)
            if moves:
                moves.pop()()
            return records

        monkeypatch.setattr(lenient, "records_at", then_moved)


class TestDamaged:
    """On a disk or on the way: what arrives is not what the checksum says."""

    WHOLE, BROKEN = b"WHOLE", b"BROKE"

    @pytest.fixture
    def damaged(self, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
        """While it holds anything, the value `WHOLE` never arrives as it was written."""
        damaged, send = [True], AIOKafkaClient.send

        async def spoiling(client: AIOKafkaClient, *what: Any, **how: Any) -> Any:
            answer = await send(client, *what, **how)
            if damaged and type(answer).__name__.startswith("FetchResponse"):
                answer.topics = [(name, [self.spoiled(*one) for one in places]) for name, places in answer.topics]
            return answer

        monkeypatch.setattr(AIOKafkaClient, "send", spoiling)
        monkeypatch.setattr(fetching, "PAUSE_SECONDS", 0.2)
        return damaged

    def spoiled(self, *partition: Any) -> tuple[Any, ...]:
        *others, raw = partition
        return *others, bytes(raw or b"").replace(self.WHOLE, self.BROKEN)

    async def test_it_stops_its_partition_alone_until_it_arrives_whole(
        self, reader: Reader, damaged: list[bool]
    ) -> None:
        session = uuid4()
        key, value, headers = message(session, 2)
        await batch(reader, message(session, 1))
        await batch(reader, (key, value, (*headers, ("x-note", self.WHOLE))))
        await batch(reader, message(session, 3))
        await reader.write(*(message(uuid4(), 1) for _ in range(60)))
        async with reader.running() as consuming:

            async def applied_but_what_it_stops() -> bool:
                now = await standings(consuming)
                assert consuming.activities["notes"].unreadable == {(BOOKING.name, 0)}
                return now[0].applied == 1 and not any(now[partition].lag for partition in now if partition)

            await eventually(applied_but_what_it_stops, within=30)
            await reader.write(*(message(uuid4(), 1) for _ in range(60)))
            await eventually(applied_but_what_it_stops, within=30, what="also what came later")
            assert await applied(reader, session) == [1]

            damaged.clear()
            await reader.caught_up(consuming)
            await standings(consuming)  # which looks anew
            assert consuming.activities["notes"].unreadable == frozenset()

        assert await applied(reader, session) == [1, 2, 3]
        assert len(await reader.effects()) == 123
        assert await letters(reader) == []

    async def test_who_asks_for_it_alone_gets_nothing_of_the_others(self, reader: Reader, damaged: list[bool]) -> None:
        """A rebuild asks for what it still needs, and must find out that this does not come."""
        key, value, headers = message(uuid4(), 1)
        await batch(reader, (key, value, (*headers, ("x-note", self.WHOLE))))
        await batch(reader, message(uuid4(), 1), partition=1)
        async with reading(reader, 0, 1) as consumer:
            stopped, other = sorted(consumer.assignment())
            taken: list[TopicPartition] = []

            async def tried() -> bool:
                taken.extend(await consumer.getmany(stopped, timeout_ms=100))
                return consumer.unreadable == {stopped}

            await eventually(tried)
            await tried()
            assert taken == []
            assert list(await eventually(lambda: consumer.getmany(stopped, other, timeout_ms=100))) == [other]
