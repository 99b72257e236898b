"""Consumers on a real broker: what stands on the topics is applied once, and poison costs nothing but itself."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.clock import SystemClock
from shared.contracts.envelope import encode_headers, encode_value
from shared.contracts.people_v1 import PersonChanged
from shared.contracts.topics import BOOKING, PEOPLE, Topic
from shared.database.unit_of_work import Unit, Units
from shared.messaging import pipeline as pipelines
from shared.messaging.consuming import Consuming
from shared.messaging.delivery import Consumer, Event
from shared.messaging.pipeline import Pipeline, TryAgain
from tests.support.databases import superuser_url
from tests.support.disturbed import Disturbed
from tests.support.events import AT, headers_of, record
from tests.support.eventually import eventually
from tests.support.kafka_log import put
from tests.support.mechanisms import CIPHER
from tests.support.stack import Stack

Message = tuple[bytes | None, bytes | None, Any]
EFFECT = "INSERT INTO effects (consumer, event_id, key, sequence, note) VALUES ('notes', :id, :key, :sequence, :note)"


def message(session: UUID, sequence: int, **how: Any) -> Message:
    one = record(session, sequence, **how)
    return one.key, one.value, one.headers


class Reader:
    """A consumer on the test's own topics and database."""

    def __init__(self, stack: Stack, prefix: str, units: Units) -> None:
        self.stack, self.prefix, self.units = stack, prefix, units
        self.trouble: Callable[[Event], None] = lambda event: None

    async def handle(self, unit: Unit, events: Sequence[Event]) -> None:
        for event in events:
            self.trouble(event)
            note = "tombstone" if event.data is None else type(event.data).__name__
            row = {"id": event.id, "key": event.key, "sequence": event.sequence, "note": note}
            await unit.execute(EFFECT, row)

    @asynccontextmanager
    async def running(
        self, pipeline: type[Pipeline] = Pipeline, *, topics: tuple[Topic, ...] = (BOOKING,), ordered: bool = False
    ) -> AsyncIterator[Consuming]:
        consuming = Consuming(
            self.units,
            [Consumer("notes", topics, self.handle, ordered=ordered)],
            bootstrap_servers=self.stack.bootstrap_servers,
            instance="test-0",
            prefix=self.prefix,
            pipeline=pipeline,
            clock=SystemClock(),
        )
        await consuming.start()
        try:
            yield consuming
        finally:
            await consuming.stop()

    async def write(self, *messages: Message, topic: Topic = BOOKING) -> None:
        await put(self.stack.bootstrap_servers, self.prefix + topic.name, messages)

    async def caught_up(self, consuming: Consuming) -> None:
        async def lag() -> int:
            return (await consuming.progress()).lag

        await eventually(lag, within=30, until=lambda left: left == 0, what="no lag")

    async def effects(self) -> list[tuple[str, int, str]]:
        rows = await self.rows("SELECT key, sequence, note FROM effects ORDER BY id")
        return [(row["key"], row["sequence"], row["note"]) for row in rows]

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        async with self.units.system() as unit:
            return [dict(row) for row in await unit.all(statement)]

    async def committed(self) -> int:
        """The sum of the group's committed offsets."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.stack.bootstrap_servers)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(f"{self.prefix}notes")
            return sum(found.offset for place, found in offsets.items() if isinstance(place, TopicPartition))
        finally:
            await admin.close()


@pytest.fixture
def reader(stack: Stack, prefix: str, units: Units) -> Reader:
    return Reader(stack, prefix, units)


@pytest.mark.parametrize("pipeline", [Pipeline, Disturbed], ids=["plain", "disturbed"])
async def test_poison_in_every_form_costs_nothing_but_itself(reader: Reader, pipeline: type[Pipeline]) -> None:
    session = uuid4()
    poison = [
        message(session, 2, value=b"{"),
        message(session, 3, replaced=[("ce_type", b"se.kursnav.booking.lunch-served.v1")]),
        message(session, 4, replaced=[("x-note", b"\xff\xfe")]),
        message(session, 5, value=b'{"seats": "many"}'),
        message(session, 6, without_value=True),
        message(session, 7, headers=()),
        (None, b"{}", headers_of(session)),
        (b"\xff", b"{}", headers_of(session)),
    ]
    await reader.write(message(session, 1), *poison, message(session, 9), message(uuid4(), 1))

    async with reader.running(pipeline) as consuming:
        await reader.caught_up(consuming)
        applied = [sequence for key, sequence, _ in await reader.effects() if key == str(session)]
        assert applied == [1, 9], "what stands around it is applied once, in order"
        assert len(await reader.effects()) == 3
        reasons = {row["reason"] for row in await reader.rows("SELECT reason FROM dead_letters WHERE state = 'dead'")}
        assert reasons == {
            "broken-json", "unknown-type", "header-not-utf8", "wrong-schema", "tombstone", "not-cloudevents",
            "missing-key", "key-not-utf8",
        }  # fmt: skip
        assert len(await reader.rows("SELECT 1 FROM dead_letters")) == len(poison)
        await eventually(reader.committed, until=lambda offsets: offsets >= 11, what="offsets committed")


async def test_a_tombstone_of_a_compacted_topic_is_no_empty_value(reader: Reader) -> None:
    key = "person/1"
    person = PersonChanged(language="sv", protected=False)

    def headers(sequence: int) -> list[tuple[str, bytes]]:
        texts = encode_headers(
            PersonChanged,
            event_id=uuid4(),
            source="/kursnav/booking",
            subject=key,
            time=AT,
            recorded_at=AT,
            sequence=sequence,
        )
        return [(name, text.encode()) for name, text in texts.items()]

    value = encode_value(person, key=key, cipher=CIPHER)
    await reader.write((key.encode(), value, headers(1)), (key.encode(), None, headers(2)), topic=PEOPLE)
    async with reader.running(topics=(PEOPLE,)) as consuming:
        await reader.caught_up(consuming)
    assert [note for _, _, note in await reader.effects()] == ["PersonChanged", "tombstone"]


async def test_what_fails_for_long_is_fetched_again_and_nothing_is_lost(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its attempts the batch is given back: all its partitions are rewound."""
    monkeypatch.setattr(pipelines, "FIRST_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(pipelines, "ATTEMPTS_BEFORE_NACK", 2)
    failures = iter(range(5))

    def trouble(_: Event) -> None:
        if next(failures, None) is not None:
            raise TryAgain

    reader.trouble = trouble
    sessions = [uuid4() for _ in range(20)]
    await reader.write(*(message(session, sequence) for sequence in (1, 2, 3) for session in sessions))
    async with reader.running() as consuming:
        await reader.caught_up(consuming)
    applied = await reader.effects()
    assert len(applied) == 60
    for session in sessions:
        assert [sequence for key, sequence, _ in applied if key == str(session)] == [1, 2, 3]
    assert await reader.rows("SELECT 1 FROM dead_letters") == []


async def test_a_restarted_consumer_goes_on_where_it_was(reader: Reader) -> None:
    session = uuid4()
    await reader.write(message(session, 1))
    async with reader.running() as consuming:
        await reader.caught_up(consuming)
    await reader.write(message(session, 2))
    async with reader.running() as consuming:
        await reader.caught_up(consuming)
    assert [sequence for _, sequence, _ in await reader.effects()] == [1, 2]


async def test_an_event_that_the_relay_sent_twice_is_applied_once(reader: Reader) -> None:
    session, event_id = uuid4(), uuid4()
    twice = message(session, 1, event_id=event_id)
    await reader.write(twice, twice, message(session, 2))
    async with reader.running() as consuming:
        await reader.caught_up(consuming)
    assert [sequence for _, sequence, _ in await reader.effects()] == [1, 2]


async def test_lag_is_counted_from_what_is_applied(reader: Reader) -> None:
    async with reader.running() as consuming:
        before = await consuming.progress()
        await reader.write(*(message(uuid4(), 1) for _ in range(7)))
        await reader.caught_up(consuming)
        after = await consuming.progress()
    assert (before.lag, after.lag, after.applied - before.applied) == (0, 0, 7)


AS_AFTER_THE_FIRST_EVENT = """
    DELETE FROM effects WHERE sequence > 1;
    DELETE FROM inbox WHERE event_id NOT IN (SELECT event_id FROM effects);
    UPDATE consumer_positions SET next_offset = 1 WHERE next_offset = 3
"""


async def test_a_restored_database_is_caught_up_from_its_own_position(
    reader: Reader, stack: Stack, database: str
) -> None:
    """The group's offsets are ahead of a database from a backup: what it has not applied must come again."""
    session = uuid4()
    await reader.write(*(message(session, sequence) for sequence in (1, 2, 3)))
    async with reader.running() as consuming:
        await reader.caught_up(consuming)
        await eventually(reader.committed, until=lambda offsets: offsets >= 3, what="offsets committed")

    restored = await asyncpg.connect(superuser_url(stack.admin_url, database))
    await restored.execute(AS_AFTER_THE_FIRST_EVENT)
    await restored.close()

    async with reader.running() as consuming:
        await reader.caught_up(consuming)
    assert [sequence for _, sequence, _ in await reader.effects()] == [1, 2, 3]
