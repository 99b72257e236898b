"""The three services, each in a process of its own, that a test can kill and start again."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
from aiokafka.errors import KafkaError

from services.attendance import consumers as attendance
from services.booking import consumers as booking
from services.reporting import consumers as reporting
from shared.clock import SystemClock
from shared.contracts.attendance_v1 import HeadCountRecorded
from shared.contracts.booking_v1 import SeatsReleased
from shared.contracts.envelope import event_id_of
from shared.contracts.topics import ALL, BOOKING, PEOPLE, Topic
from shared.messaging.delivery import Consumer
from tests.support.answers import Json
from tests.support.booking_world import World
from tests.support.eventually import eventually
from tests.support.kafka_log import Written, everything_on, put
from tests.support.poison import Message
from tests.support.processes import ServeProcess
from tests.support.services import Origin

PAST = datetime(2025, 2, 3, 9, tzinfo=UTC)
"""When everything here happened: entered afterwards, as a past year is."""
STARTS = PAST + timedelta(days=30)


def _reads(*consumers: Consumer) -> list[tuple[str, Topic]]:
    return [(consumer.name, topic) for consumer in consumers for topic in consumer.topics]


READS: Mapping[str, Sequence[tuple[str, Topic]]] = {
    # Mails and webhooks follow booking's own events.
    "booking": [*_reads(*booking.CONSUMERS), ("booking-notices", BOOKING), ("booking-webhooks", BOOKING)],
    "attendance": [*_reads(*attendance.CONSUMERS), ("attendance.notices", BOOKING)],
    "reporting": _reads(reporting.FACTS),
}

UNREAD: Mapping[str, Sequence[bytes]] = {
    "booking-attendance": [HeadCountRecorded.ce_type.encode()],
    "booking-notices": [SeatsReleased.ce_type.encode()],
    "booking-webhooks": [SeatsReleased.ce_type.encode()],  # nobody has a webhook
}
"""Of the types that poison is made of, those that a consumer lets pass, whatever is in them."""


@dataclass
class Chain:
    """A running installation with a project, and what is done to it."""

    origin: Origin
    world: World
    trainer: str
    poison: list[Message] = field(default_factory=list)
    _days: Any = field(default_factory=itertools.count)

    @classmethod
    async def started(cls, origin: Origin) -> "Chain":
        await asyncio.gather(*(process.start() for process in origin.processes.values()))
        # The processes tell the time by themselves: the world's own clock is not asked.
        world = await World.made(origin, SystemClock())  # type: ignore[arg-type]  # a real clock will do
        return cls(origin, world, await world.trainer())

    def process(self, service: str) -> ServeProcess:
        return self.origin.processes[service]

    async def session(self, capacity: int = 30) -> str:
        """A session on a day of its own, so that nobody's occasions overlap."""
        day = timedelta(days=next(self._days))
        return await self.world.session(capacity, starts=STARTS + day, at=PAST, trainers=[self.trainer])

    async def register(self, session: str, staff: str, key: str) -> httpx2.Response | None:
        """The answer; None when the connection ended without one."""
        headers = {"Kursnav-Occurred-At": PAST.isoformat(), "Idempotency-Key": key}
        path = f"/booking/v1/sessions/{session}/registrations"
        return await self._post(path, {"staff": [staff], "policy": "all"}, headers)

    async def attest(self, session: str, roll_version: int) -> httpx2.Response | None:
        """The answer; None when the connection ended without one."""
        body = {"roll_version": roll_version, "on_behalf_of": self.trainer, "reason": "Listan kom på papper"}
        return await self._post(f"/attendance/v1/sessions/{session}/attest", body, {})

    async def _post(self, path: str, body: Json, headers: Mapping[str, str]) -> httpx2.Response | None:
        try:
            return await self.world.coordinator.post(path, json=body, headers=headers)
        except httpx2.TransportError:
            return None

    async def poisoned(self, topic: Topic, message: Message) -> None:
        """Somebody writes a record that nobody can apply, as soon as there is a broker."""
        self.poison.append(message)

        async def written() -> bool:
            try:
                await put(self.origin.stack.bootstrap_servers, self.origin.prefix + topic.name, [message])
            except KafkaError:
                return False
            return True

        await eventually(written, within=120, what="poison written")

    async def armed(self, failpoints: Mapping[str, str]) -> None:
        """The services are started again, and each dies when it comes to its failpoint."""
        for service, point in failpoints.items():
            self.process(service).kill()
            self.process(service).arm(point)
        await asyncio.gather(*(self.process(service).answers() for service in failpoints))

    async def died_and_started(self, services: Iterable[str]) -> None:
        """Waits until each has killed itself, and starts it again."""

        async def one(service: str) -> None:
            await self.process(service).killed_itself(within=100)
            await self.process(service).start()

        await asyncio.gather(*(one(service) for service in services))

    async def settled(self, within: float = 60) -> None:
        await self.origin.settled(within=within, dead_letters=bool(self.poison))

    # --- what must hold ----------------------------------------------------------------------------------------------

    async def roll(self, session: str) -> dict[str, Any]:
        return await self.world.get(f"/attendance/v1/sessions/{session}/roll")

    async def log(self) -> dict[str, list[Written]]:
        """Every record of every topic, poison too."""
        origin = self.origin
        names = {topic.name: origin.prefix + topic.name for topic in ALL}
        return {name: await everything_on(origin.stack.bootstrap_servers, full) for name, full in names.items()}

    async def invariants(self) -> None:
        """Counters, topics and facts know the same events, each once; those of a key in their order. The dead letters
        are the poison.
        """
        everything = await self.log()
        await self._dead_letters_are_the_poison(everything)
        log = {name: [one for one in records if not self._is_poison(one)] for name, records in everything.items()}
        await self._outboxes_are_on_the_topics(log)
        await self._facts_are_the_topics(log)
        for name, records in log.items():
            first_seen = _first_sequences(records)
            for key, sequences in first_seen.items():
                assert sequences == list(range(1, len(sequences) + 1)), f"{name} {key!r}: {sequences}"

    async def _outboxes_are_on_the_topics(self, log: dict[str, list[Written]]) -> None:
        """As many as the counters have counted, and none waits."""
        counted: dict[tuple[str, str], int] = {}
        for service in ("booking", "attendance"):
            unsent = await self.origin.rows(service, "SELECT event_id FROM outbox")
            assert not unsent, f"{len(unsent)} events of {service} wait in its outbox"
            for row in await self.origin.rows(service, "SELECT topic, key, last FROM event_counters"):
                counted[row["topic"], row["key"]] = row["last"]
        on_topics: dict[tuple[str, str], set[str]] = defaultdict(set)
        for topic, records in log.items():
            for one in records:
                on_topics[topic, one.key.decode()].add(_id(one))
        found = {place: len(ids) for place, ids in on_topics.items()}
        differing = {place for place in counted.keys() | found.keys() if counted.get(place) != found.get(place)}
        assert not differing, f"of {len(differing)} keys not as many events are on the topics as were written"

    async def _facts_are_the_topics(self, log: dict[str, list[Written]]) -> None:
        rows = await self.origin.rows("reporting", "SELECT event_id FROM facts_v1.facts")
        published = {_id(one) for name, records in log.items() if name != PEOPLE.name for one in records}
        differing = {str(row["event_id"]) for row in rows} ^ published
        assert not differing, f"{len(differing)} events are on a topic or among the facts, not among both"
        assert len(rows) == len(published), f"{len(rows)} facts of {len(published)} events"

    def _is_poison(self, record: Written) -> bool:
        return any((record.key, record.value, list(record.headers)) == message for message in self.poison)

    async def _dead_letters_are_the_poison(self, log: dict[str, list[Written]]) -> None:
        """Each consumer of the topic keeps each poisonous record of what it reads once, and nothing else."""
        for service, reads in READS.items():
            expected = {
                (consumer, _identity(topic.name, one), "dead")
                for consumer, topic in reads
                for one in log[topic.name]
                if self._is_poison(one) and dict(one.headers).get("ce_type") not in UNREAD.get(consumer, ())
            }
            rows = await self.origin.rows(service, "SELECT consumer, identity, state FROM dead_letters")
            found = {(row["consumer"], row["identity"], row["state"]) for row in rows}
            assert found == expected, f"{service}: not the poison but {found ^ expected}"
            assert len(rows) == len(found), f"{service}: a dead letter is there twice"

    async def registered_once(self, session: str, *staff: str) -> None:
        """Each person has one confirmed registration in booking, and stands once on the roll and in the facts."""
        booked = await self.origin.rows(
            "booking", "SELECT id, participant_id FROM registrations WHERE session_id = $1", UUID(session)
        )
        assert len(booked) == len(staff)
        people = [UUID(person["participant_id"]) for person in (await self.roll(session))["people"]]
        assert sorted(people) == sorted(row["participant_id"] for row in booked)
        facts = await self.origin.rows(
            "reporting",
            "SELECT data FROM facts_v1.facts WHERE key = $1 AND type LIKE '%registration-confirmed%'",
            session,
        )
        assert len(facts) == len(staff)


def new_key() -> str:
    return str(uuid4())


def _id(record: Written) -> str:
    return record.header("ce_id")


def _identity(topic: str, record: Written) -> str:
    """What tells one dead letter from another: the event's id; without one the record's place."""
    event_id = event_id_of(record.headers)
    return str(event_id) if event_id else f"{topic}/{record.partition}/{record.offset}"


def _first_sequences(records: list[Written]) -> dict[bytes, list[int]]:
    seen: set[str] = set()
    sequences: dict[bytes, list[int]] = defaultdict(list)
    for record in records:
        if _id(record) not in seen:
            seen.add(_id(record))
            sequences[record.key].append(int(record.header("ce_sequence")))
    return sequences
