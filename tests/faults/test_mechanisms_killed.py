"""Relay and consumer, killed at each failpoint and started again: everything once, in order, nothing lost."""

import signal
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from infra.local import mail_sink
from infra.local.process import free_port
from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Units
from shared.jobs.queue import enqueue
from shared.jobs.recording import UNWRITTEN
from shared.jobs.recurring import schedule
from shared.jobs.worker import Worker
from shared.mail.message import Mail
from tests.faults.worker import RARELY, postbox
from tests.faults.workers import Workers
from tests.support.events import record, released
from tests.support.eventually import eventually
from tests.support.failpoints import Failpoint
from tests.support.kafka_log import everything_on, put
from tests.support.mechanisms import CIPHER
from tests.support.stack import Stack

pytestmark = [pytest.mark.kill]

SESSIONS, EACH = 5, 6


class TestConsumer:
    @pytest.mark.parametrize(
        "place",
        [Failpoint.AFTER_INBOX, Failpoint.AFTER_EFFECT_BEFORE_COMMIT, Failpoint.AFTER_COMMIT_BEFORE_OFFSET],
    )
    async def test_every_event_has_one_effect(
        self, workers: Workers, units: Units, stack: Stack, prefix: str, place: Failpoint
    ) -> None:
        sessions = await written(stack, prefix)
        await workers.dies("consume", place)
        assert await committed_offsets(stack, prefix) == 0, "the broker knows of no progress"
        if place is not Failpoint.AFTER_COMMIT_BEFORE_OFFSET:
            assert await effects(units) == [], "nothing half-done"

        await again(stack, prefix)  # as a relay does that was killed as well
        workers.start("consume")
        everything = 2 * SESSIONS * EACH
        await eventually(lambda: applied(units), within=100, until=lambda records: records == everything)

        found = await effects(units)
        for session in sessions:
            assert [sequence for key, sequence in found if key == str(session)] == list(range(1, EACH + 1))

    async def test_poison_becomes_one_dead_letter(
        self, workers: Workers, units: Units, stack: Stack, prefix: str
    ) -> None:
        await written(stack, prefix)
        poison = record(uuid4(), 1, value=b"{")
        await put(stack.bootstrap_servers, prefix + BOOKING.name, [(poison.key, poison.value, poison.headers)])
        await workers.dies("consume", Failpoint.DURING_DEAD_LETTER)
        assert await dead_letters(units) == 0

        workers.start("consume")
        await eventually(lambda: dead_letters(units), within=100, until=lambda count: count == 1)
        await eventually(lambda: effects(units), until=lambda found: len(found) == SESSIONS * EACH)


class TestRelay:
    @pytest.mark.parametrize(
        "place", [Failpoint.AFTER_SEND_BEFORE_ACKNOWLEDGEMENT, Failpoint.AFTER_ACKNOWLEDGEMENT_BEFORE_MARK]
    )
    async def test_nothing_is_lost_and_first_occurrences_are_in_order(
        self, workers: Workers, units: Units, stack: Stack, prefix: str, place: Failpoint
    ) -> None:
        sessions = await emitted(units)
        await workers.dies("relay", place)
        assert await unpublished(units) == SESSIONS * EACH, "nothing was deleted"

        workers.start("relay")
        await eventually(lambda: unpublished(units), within=100, until=lambda left: left == 0, what="an empty outbox")

        log = await everything_on(stack.bootstrap_servers, prefix + BOOKING.name)
        if place is Failpoint.AFTER_ACKNOWLEDGEMENT_BEFORE_MARK:
            assert len(log) == 2 * SESSIONS * EACH, "what was sent and not deleted is sent again"
        for session in sessions:
            mine = [one.header("ce_sequence") for one in log if one.key.decode() == str(session)]
            assert [int(sequence) for sequence in dict.fromkeys(mine)] == list(range(1, EACH + 1))

    async def test_killed_while_it_renews_its_lease_it_goes_on(
        self, workers: Workers, units: Units, stack: Stack, prefix: str
    ) -> None:
        await workers.dies("relay", Failpoint.DURING_LEASE_RENEWAL)
        await emitted(units)
        workers.start("relay")
        await eventually(lambda: unpublished(units), within=100, until=lambda left: left == 0, what="an empty outbox")
        assert len(await everything_on(stack.bootstrap_servers, prefix + BOOKING.name)) == SESSIONS * EACH


class TestJobs:
    async def test_a_job_of_a_killed_worker_is_done_by_another(self, workers: Workers, units: Units) -> None:
        asleep = await self._asleep_in_its_effect(workers, units, a_note)
        asleep.kill()
        workers.start("jobs", instance="worker-1")
        await eventually(lambda: effects(units), within=100, until=lambda found: found == [("job", 2)])
        assert await jobs(units) == [("done", 2)]

    async def test_a_worker_that_slept_through_its_lease_commits_nothing(self, workers: Workers, units: Units) -> None:
        asleep = await self._asleep_in_its_effect(workers, units, a_note)
        workers.start("jobs", instance="worker-1")
        await eventually(lambda: jobs(units), within=100, until=lambda found: found == [("done", 2)])
        asleep.send_signal(signal.SIGCONT)
        await eventually(
            lambda: workers.says(asleep, "job_taken_by_another"), within=100, what="it saw that it was late"
        )
        assert await effects(units) == [("job", 2)]

    async def test_a_recurring_run_of_a_killed_worker_is_done_once_by_another_which_plans_the_next(
        self, workers: Workers, units: Units
    ) -> None:
        asleep = await self._asleep_in_its_effect(workers, units, an_overdue_tick)
        asleep.kill()
        for instance in ("worker-1", "worker-2"):
            workers.start("jobs", instance=instance)
        await eventually(lambda: effects(units), within=100, until=lambda found: found == [("job", 2)])
        await eventually(lambda: jobs(units), within=100, until=lambda found: found == [("queued", 2)])
        async with units.system() as unit:
            assert await unit.scalar("SELECT run_at > now() + interval '59 minutes' FROM jobs")

    async def _asleep_in_its_effect(
        self, workers: Workers, units: Units, queue: Callable[[Units], Awaitable[object]]
    ) -> "subprocess.Popen[bytes]":
        await queue(units)
        worker = workers.start("jobs-that-sleep-before-their-commit")
        await eventually(lambda: asleep_on_purpose(worker.pid), within=100, what="the worker sleeps in its effect")
        return worker


class TestMail:
    @pytest.mark.parametrize(("place", "copies"), [(Failpoint.BEFORE_MAIL, 1), (Failpoint.AFTER_MAIL_BEFORE_COMMIT, 2)])
    async def test_it_goes_twice_only_when_we_die_between_the_servers_yes_and_our_commit(
        self, workers: Workers, units: Units, tmp_path: Path, place: Failpoint, copies: int
    ) -> None:
        """And then both copies have the same bytes, so that one Message-ID tells them to be one."""
        port = free_port()
        sending = postbox(port)
        workers.variables = {**workers.variables, "WORKER_SMTP_PORT": str(port)}
        async with units.system() as unit:
            await sending.post(unit, [mail(units.clock.now() + timedelta(days=1))])
        async with await mail_sink.start(tmp_path, port):
            await workers.dies("mail", place)
            assert await mails(units) == ["queued"]
            workers.start("mail")
            await eventually(lambda: mails(units), within=100, until=lambda states: states == ["sent"])
            await Worker(sending.kinds, CIPHER).run_due(units)
        taken = [path.read_bytes() for path in tmp_path.glob("*.eml")]
        assert (len(taken), len(set(taken))) == (copies, 1)

    async def test_of_many_no_more_go_twice_than_may_be_unwritten(
        self, workers: Workers, units: Units, tmp_path: Path
    ) -> None:
        port = free_port()
        sending = postbox(port)
        workers.variables = {**workers.variables, "WORKER_SMTP_PORT": str(port)}
        async with units.system() as unit:
            until = units.clock.now() + timedelta(days=1)
            await sending.post(unit, [replace(mail(until), key=f"k/{n}") for n in range(30)])
        async with await mail_sink.start(tmp_path, port):
            await workers.dies("mail", f"{Failpoint.AFTER_MAIL_BEFORE_COMMIT}:20")
            workers.start("mail")
            await eventually(lambda: mails(units), within=100, until=lambda states: states == ["sent"] * 30)
        taken = [path.read_bytes() for path in tmp_path.glob("*.eml")]
        assert len(set(taken)) == 30
        assert len(taken) - 30 <= UNWRITTEN


def mail(useful_until: datetime) -> Mail:
    return Mail("k/1", "test", "a@example.se", "participant", "sv", "Ämne", "Text\n", "<p>Text</p>", useful_until)


async def mails(units: Units) -> list[str]:
    async with units.system() as unit:
        return [row["state"] for row in await unit.all("SELECT state FROM mails")]


async def a_note(units: Units) -> None:
    async with units.system() as unit:
        await enqueue(unit, "note", {})


async def an_overdue_tick(units: Units) -> None:
    await schedule(units, {"tick": RARELY})
    async with units.system() as unit:
        await unit.execute("UPDATE jobs SET run_at = run_at - interval '1 day'")


def asleep_on_purpose(pid: int) -> bool:
    return "State:\tT" in Path(f"/proc/{pid}/status").read_text()


async def jobs(units: Units) -> list[tuple[str, int]]:
    """Those that somebody has taken."""
    async with units.system() as unit:
        rows = await unit.all("SELECT state, attempt FROM jobs WHERE attempt > 0")
    return [(row["state"], row["attempt"]) for row in rows]


async def written(stack: Stack, prefix: str) -> list[UUID]:
    """Sessions whose events stand on the topic."""
    sessions = [uuid4() for _ in range(SESSIONS)]
    records = [record(session, sequence) for sequence in range(1, EACH + 1) for session in sessions]
    messages = [(one.key, one.value, one.headers) for one in records]
    await put(stack.bootstrap_servers, prefix + BOOKING.name, messages)
    return sessions


async def again(stack: Stack, prefix: str) -> None:
    """Everything on the topic stands there a second time."""
    log = await everything_on(stack.bootstrap_servers, prefix + BOOKING.name)
    await put(stack.bootstrap_servers, prefix + BOOKING.name, [(one.key, one.value, one.headers) for one in log])


async def emitted(units: Units) -> list[UUID]:
    """Sessions whose events wait in the outbox."""
    sessions = [uuid4() for _ in range(SESSIONS)]
    for sequence in range(1, EACH + 1):
        async with units.system() as unit:
            for session in sessions:
                unit.emit(released(session, sequence))
    return sessions


async def effects(units: Units) -> list[tuple[str, int]]:
    async with units.system() as unit:
        rows = await unit.all("SELECT key, sequence FROM effects ORDER BY id")
    return [(row["key"], row["sequence"]) for row in rows]


async def applied(units: Units) -> int:
    """How many records the consumer has behind it."""
    async with units.system() as unit:
        return int(await unit.scalar("SELECT coalesce(sum(next_offset), 0) FROM consumer_positions"))


async def unpublished(units: Units) -> int:
    async with units.system() as unit:
        return int(await unit.scalar("SELECT count(*) FROM outbox"))


async def dead_letters(units: Units) -> int:
    async with units.system() as unit:
        return int(await unit.scalar("SELECT count(*) FROM dead_letters"))


async def committed_offsets(stack: Stack, prefix: str) -> int:
    """The sum of the group's committed offsets."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap_servers)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(f"{prefix}notes")
        return sum(max(0, found.offset) for place, found in offsets.items() if isinstance(place, TopicPartition))
    finally:
        await admin.close()
