"""Several processes share the work; one sleeps or dies: another goes on, and nothing is lost, doubled or reordered."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Units
from shared.messaging.consuming import SESSION_TIMEOUT_MS
from shared.messaging.lease import LEASE_SECONDS
from tests.faults.workers import Workers
from tests.support.events import record, released
from tests.support.eventually import eventually
from tests.support.kafka_log import everything_on, on_every_partition, put
from tests.support.mechanisms import SERVICE
from tests.support.pace import lasts
from tests.support.stack import Stack

pytestmark = [pytest.mark.kill, pytest.mark.slow]

SESSIONS = 6
EVERY_SECONDS = 0.1
FIRST, SECOND, THIRD = "worker-0", "worker-1", "worker-2"
Worker = subprocess.Popen[bytes]


class Emitting:
    """Sessions that get one event more each time: their sequence rises without a gap."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self.sessions = [uuid4() for _ in range(SESSIONS)]
        self.each = 0

    async def more(self, times: int = 1) -> None:
        for _ in range(times):
            self.each += 1
            async with self.units.system() as unit:
                for session in self.sessions:
                    unit.emit(released(session, self.each))

    async def all_sent(self) -> None:
        await eventually(lambda: unpublished(self.units), within=100, until=lambda left: left == 0, what="empty outbox")


class TestRelayThatSleepsLongerThanItsLease:
    async def test_between_acknowledgement_and_deletion(
        self, workers: Workers, units: Units, stack: Stack, prefix: str
    ) -> None:
        """All is sent, nothing deleted: the other sends it again, and the sleeper deletes nothing when it wakes."""
        emitting = Emitting(units)
        await emitting.more(4)
        sleeper = workers.start("relay-that-sleeps-before-it-deletes", instance=FIRST)
        await eventually(lambda: asleep(sleeper), within=100, what="asleep before it deletes")
        assert await unpublished(units) == 4 * SESSIONS, "nothing is deleted"

        workers.start("relay", instance=SECOND)
        await eventually(lambda: holder(units), within=LEASE_SECONDS + 60, until=lambda name: name == SECOND)
        await emitting.all_sent()
        sleeper.send_signal(signal.SIGCONT)
        await eventually(lambda: workers.says(sleeper, "relay_interrupted", "LeaseLost"), what="it was fenced off")
        await emitting.more(2)
        await emitting.all_sent()

        assert await holder(units) == SECOND
        log = await in_order_and_whole(emitting, stack, prefix)
        assert log == (4 + 4 + 2) * SESSIONS, "what was sent and not deleted was sent again, and nothing else"

    async def test_anywhere_under_load(self, workers: Workers, units: Units, stack: Stack, prefix: str) -> None:
        emitting = Emitting(units)
        first = workers.start("relay", instance=FIRST)
        await emitting.more()
        await emitting.all_sent()
        workers.start("relay", instance=SECOND)

        await emitting.more(5)
        first.send_signal(signal.SIGSTOP)
        await emitting.more(5)
        await eventually(lambda: holder(units), within=LEASE_SECONDS + 60, until=lambda name: name == SECOND)
        await emitting.more(5)
        first.send_signal(signal.SIGCONT)
        await emitting.more(5)

        await emitting.all_sent()
        assert await holder(units) == SECOND
        await in_order_and_whole(emitting, stack, prefix)


class TestThreeRelays:
    async def test_whoever_sends_is_killed_again_and_again(
        self, workers: Workers, units: Units, stack: Stack, prefix: str
    ) -> None:
        """Under load, until only one of them is left that was never killed."""
        emitting = Emitting(units)
        relays = {name: workers.start("relay", instance=name) for name in (FIRST, SECOND, THIRD)}

        async def sends() -> str | None:
            """The holder, once it is alive and has sent something."""
            name = await holder(units)
            return name if name in relays and await sent_of(units, waiting) else None

        async with going_on(emitting.more):
            for _ in range(2):
                waiting = await newest(units)
                name = await eventually(sends, within=LEASE_SECONDS + 60, what="one of them sends")
                assert name is not None
                killed = relays.pop(name)
                killed.kill()
                killed.wait()
            waiting = await newest(units)
            last = await eventually(sends, within=LEASE_SECONDS + 60, what="the last one sends")
            assert [last] == [*relays]

        await emitting.all_sent()
        await in_order_and_whole(emitting, stack, prefix)


class Notes:
    """Sessions on every partition whose events stand on the topic, and the effects that the workers made of them."""

    def __init__(self, units: Units, stack: Stack, prefix: str) -> None:
        self.units, self.servers, self.topic = units, stack.bootstrap_servers, prefix + BOOKING.name
        self.sessions = on_every_partition(4)
        self.each = 0

    async def more(self) -> None:
        self.each += 1
        records = [record(session, self.each) for session in self.sessions]
        await put(self.servers, self.topic, [(one.key, one.value, one.headers) for one in records])

    async def shared_by(self, *instances: str, within: float = 100.0) -> None:
        """Waits until each of them, and nobody else, applies what comes."""

        async def appliers() -> set[str]:
            await self.more()
            return {note for _, _, note in (await effects(self.units))[-len(self.sessions) :]}

        await eventually(
            appliers, within=within, until=lambda who: who == set(instances), what=f"shared by {instances}"
        )

    async def all_applied_once_in_order(self) -> None:
        """Also when everything comes a second time, as after a relay that died before it deleted."""
        log = await everything_on(self.servers, self.topic)
        await put(self.servers, self.topic, [(one.key, one.value, one.headers) for one in log])
        everything = 2 * self.each * len(self.sessions)
        await eventually(lambda: applied(self.units), within=100, until=lambda records: records == everything)
        found = await effects(self.units)
        for session in self.sessions:
            assert [number for key, number, _ in found if key == str(session)] == list(range(1, self.each + 1))


class TestConsumersInSeveralProcesses:
    async def test_of_two_one_is_killed_and_started_again(
        self, workers: Workers, units: Units, stack: Stack, prefix: str
    ) -> None:
        notes = Notes(units, stack, prefix)
        workers.start("consume", instance=FIRST)
        second = workers.start("consume", instance=SECOND)
        await notes.shared_by(FIRST, SECOND)
        await notes.more()
        second.kill()
        second.wait()
        await notes.more()
        workers.start("consume", instance=SECOND)
        await notes.more()
        await notes.all_applied_once_in_order()

    async def test_a_third_comes_and_two_of_the_three_are_killed_under_load(
        self, workers: Workers, units: Units, stack: Stack, prefix: str
    ) -> None:
        """The third one's coming takes partitions away from the others while they apply: a rebalance under load."""
        notes = Notes(units, stack, prefix)
        first, _ = workers.start("consume", instance=FIRST), workers.start("consume", instance=SECOND)
        await notes.shared_by(FIRST, SECOND)
        async with going_on(notes.more):
            third = workers.start("consume", instance=THIRD)
            await eventually(
                lambda: appliers(units), within=100, until=lambda who: THIRD in who, what="the third applies"
            )
            for worker in (first, third):
                worker.kill()
                worker.wait()
            workers.start("consume", instance=FIRST)
            workers.start("consume", instance=THIRD)
        # Whoever is started again under its name gets its partitions back before its session would have ended.
        await notes.shared_by(FIRST, SECOND, THIRD, within=SESSION_TIMEOUT_MS / 1000 - 5)
        await notes.all_applied_once_in_order()


@asynccontextmanager
async def going_on(more: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Does it again and again inside the block."""

    async def again_and_again() -> None:
        while not ending.is_set():
            await more()
            await lasts(EVERY_SECONDS)

    ending = asyncio.Event()
    task = asyncio.create_task(again_and_again())
    try:
        yield
    finally:
        ending.set()
        await task


async def in_order_and_whole(emitting: Emitting, stack: Stack, prefix: str) -> int:
    """First occurrences of each key rise without a gap. Returns the number of all records."""
    log = await everything_on(stack.bootstrap_servers, prefix + BOOKING.name)
    for session in emitting.sessions:
        mine = [int(one.header("ce_sequence")) for one in log if one.key.decode() == str(session)]
        assert list(dict.fromkeys(mine)) == list(range(1, emitting.each + 1))
    return len(log)


def asleep(process: Worker) -> bool:
    """Whether it is stopped by a signal."""
    with open(f"/proc/{process.pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "T"


async def holder(units: Units) -> str | None:
    async with units.system() as unit:
        found = await unit.scalar("SELECT holder FROM relay_lease WHERE name = :name", {"name": SERVICE})
    return None if found is None else str(found)


async def newest(units: Units) -> int:
    """The id of the newest event that waits once one does: others are written again and again."""
    found = await eventually(lambda: scalar(units, "SELECT max(id) FROM outbox"), what="an event that waits")
    assert found is not None
    return found


async def sent_of(units: Units, waiting: int) -> bool:
    """Whether that event has been sent."""
    return not await scalar(units, "SELECT count(*) FROM outbox WHERE id = :id", id=waiting)


async def scalar(units: Units, statement: str, **values: object) -> int | None:
    async with units.system() as unit:
        found: int | None = await unit.scalar(statement, values)
        return found


async def unpublished(units: Units) -> int:
    async with units.system() as unit:
        return int(await unit.scalar("SELECT count(*) FROM outbox"))


async def effects(units: Units) -> list[tuple[str, int, str]]:
    async with units.system() as unit:
        rows = await unit.all("SELECT key, sequence, note FROM effects ORDER BY id")
    return [(row["key"], row["sequence"], row["note"]) for row in rows]


async def appliers(units: Units) -> set[str]:
    """Who has applied anything."""
    return {note for _, _, note in await effects(units)}


async def applied(units: Units) -> int:
    """How many records the consumer has behind it."""
    async with units.system() as unit:
        return int(await unit.scalar("SELECT coalesce(sum(next_offset), 0) FROM consumer_positions"))
