"""Several processes share the work; one sleeps or dies: another goes on, and nothing is lost, doubled or reordered."""

import signal
import subprocess
from datetime import datetime
from uuid import uuid4

import pytest

from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Units
from shared.messaging.lease import LEASE_SECONDS
from tests.faults.workers import Workers
from tests.support.events import record, released
from tests.support.eventually import eventually
from tests.support.kafka_log import everything_on, put
from tests.support.mechanisms import SERVICE
from tests.support.stack import Stack

pytestmark = [pytest.mark.kill, pytest.mark.slow, pytest.mark.timeout(120)]

SESSIONS = 6
FIRST, SECOND = "worker-0", "worker-1"
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
        await eventually(lambda: unpublished(self.units), within=40, until=lambda left: left == 0, what="empty outbox")


class TestRelayThatSleepsLongerThanItsLease:
    async def test_between_acknowledgement_and_mark(
        self, workers: Workers, units: Units, stack: Stack, prefix: str
    ) -> None:
        """All is sent, nothing marked: the other sends it again, and the sleeper's late mark changes nothing."""
        emitting = Emitting(units)
        await emitting.more(4)
        sleeper = workers.start("relay-that-sleeps-before-its-mark", instance=FIRST)
        await eventually(lambda: asleep(sleeper), within=30, what="asleep before its mark")
        assert await unpublished(units) == 4 * SESSIONS, "nothing is marked"

        workers.start("relay", instance=SECOND)
        await eventually(lambda: holder(units), within=LEASE_SECONDS + 30, until=lambda name: name == SECOND)
        await emitting.all_sent()
        marked = await marks(units)
        sleeper.send_signal(signal.SIGCONT)
        await eventually(lambda: workers.says(sleeper, "relay_interrupted", "LeaseLost"), what="its mark was fenced")
        await emitting.more(2)
        await emitting.all_sent()

        assert (await marks(units))[: len(marked)] == marked, "the late mark changed nothing"
        assert await holder(units) == SECOND
        log = await self.in_order_and_whole(emitting, stack, prefix)
        assert log == (4 + 4 + 2) * SESSIONS, "what was sent and not marked was sent again, and nothing else"

    async def test_anywhere_under_load(self, workers: Workers, units: Units, stack: Stack, prefix: str) -> None:
        emitting = Emitting(units)
        first = workers.start("relay", instance=FIRST)
        await emitting.more()
        await emitting.all_sent()
        workers.start("relay", instance=SECOND)

        await emitting.more(5)
        first.send_signal(signal.SIGSTOP)
        await emitting.more(5)
        await eventually(lambda: holder(units), within=LEASE_SECONDS + 30, until=lambda name: name == SECOND)
        await emitting.more(5)
        first.send_signal(signal.SIGCONT)
        await emitting.more(5)

        await emitting.all_sent()
        assert await holder(units) == SECOND
        await self.in_order_and_whole(emitting, stack, prefix)

    async def in_order_and_whole(self, emitting: Emitting, stack: Stack, prefix: str) -> int:
        """First occurrences of each key rise without a gap. Answers the number of all records."""
        log = await everything_on(stack.bootstrap_servers, prefix + BOOKING.name)
        for session in emitting.sessions:
            mine = [int(one.header("ce_sequence")) for one in log if one.key.decode() == str(session)]
            assert list(dict.fromkeys(mine)) == list(range(1, emitting.each + 1))
        return len(log)


class TestConsumersInTwoProcesses:
    async def test_one_is_killed_and_started_again(
        self, workers: Workers, units: Units, stack: Stack, prefix: str
    ) -> None:
        sessions = [uuid4() for _ in range(SESSIONS * 4)]  # on every partition
        sequence = 0

        async def more() -> None:
            nonlocal sequence
            sequence += 1
            records = [record(session, sequence) for session in sessions]
            await put(stack.bootstrap_servers, prefix + BOOKING.name, [(r.key, r.value, r.headers) for r in records])

        async def shared_out() -> set[str]:
            await more()
            return {note for _, _, note in (await effects(units))[-len(sessions) :]}

        workers.start("consume", instance=FIRST)
        second = workers.start("consume", instance=SECOND)
        await eventually(shared_out, within=30, until=lambda who: who == {FIRST, SECOND}, what="both have partitions")
        await more()
        second.kill()
        second.wait()
        await more()
        workers.start("consume", instance=SECOND)
        await more()
        log = await everything_on(stack.bootstrap_servers, prefix + BOOKING.name)
        # A second time, as after a relay that died before its mark.
        await put(stack.bootstrap_servers, prefix + BOOKING.name, [(one.key, one.value, one.headers) for one in log])

        everything = 2 * sequence * len(sessions)
        await eventually(lambda: applied(units), within=50, until=lambda records: records == everything)
        found = await effects(units)
        for session in sessions:
            assert [number for key, number, _ in found if key == str(session)] == list(range(1, sequence + 1))


def asleep(process: Worker) -> bool:
    """Whether it is stopped by a signal."""
    with open(f"/proc/{process.pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "T"


async def holder(units: Units) -> str | None:
    async with units.system() as unit:
        found = await unit.scalar("SELECT holder FROM relay_lease WHERE name = :name", {"name": SERVICE})
    return None if found is None else str(found)


async def marks(units: Units) -> list[tuple[int, datetime]]:
    async with units.system() as unit:
        rows = await unit.all("SELECT id, published_at FROM outbox ORDER BY id")
    return [(row["id"], row["published_at"]) for row in rows]


async def unpublished(units: Units) -> int:
    async with units.system() as unit:
        return int(await unit.scalar("SELECT count(*) FROM outbox WHERE published_at IS NULL"))


async def effects(units: Units) -> list[tuple[str, int, str]]:
    async with units.system() as unit:
        rows = await unit.all("SELECT key, sequence, note FROM effects ORDER BY id")
    return [(row["key"], row["sequence"], row["note"]) for row in rows]


async def applied(units: Units) -> int:
    """How many records the consumer has behind it."""
    async with units.system() as unit:
        return int(await unit.scalar("SELECT coalesce(sum(next_offset), 0) FROM consumer_positions"))
