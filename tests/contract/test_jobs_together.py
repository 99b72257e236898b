"""What is promised of jobs that are taken and ended several at a time: the same as of one, each by itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from shared.database.unit_of_work import Unit, Units
from shared.jobs.job import Job
from shared.jobs.queue import enqueue_all
from shared.jobs.recording import UNWRITTEN, Recording
from shared.jobs.together import Together
from shared.jobs.worker import Kind, Worker
from shared.security.cipher import Cipher
from tests.support.clock import FixedClock
from tests.support.eventually import eventually, turns

EFFECT = "INSERT INTO effects (consumer, event_id, key, sequence, note) VALUES ('jobs', :id, :key, :attempt, '')"
KEYS = [f"{n:02}" for n in range(12)]


@dataclass(frozen=True)
class Written:
    job: Job
    key: str
    again: datetime | None = None


Do = Callable[[Job], Awaitable[Written]]


async def written(job: Job) -> Written:
    return Written(job, job.request["key"])


async def noted(unit: Unit, became: Sequence[Written]) -> None:
    for one in became:
        await unit.execute(EFFECT, {"id": one.job.id, "key": one.key, "attempt": one.job.attempt})


def worker(do: Do = written, note: Callable[[Unit, Sequence[Written]], Awaitable[None]] = noted) -> Worker:
    @asynccontextmanager
    async def opened(_jobs: Sequence[Job]) -> AsyncIterator[Do]:
        yield do

    return Worker([Kind("test", Together(5, opened, note))], lease_seconds=5)


async def queued(units: Units, keys: Sequence[str] = KEYS) -> None:
    async with units.system() as unit:
        await enqueue_all(unit, "test", [({"key": key}, None) for key in keys])


async def effects(units: Units) -> list[str]:
    async with units.system() as unit:
        return [row["key"] for row in await unit.all("SELECT key FROM effects ORDER BY id")]


async def states(units: Units) -> list[tuple[str, str]]:
    async with units.system() as unit:
        rows = await unit.all("SELECT request ->> 'key' AS key, state FROM jobs ORDER BY 1")
        return [(row["key"], row["state"]) for row in rows]


async def expire(units: Units) -> None:
    async with units.system() as unit:
        await unit.execute("UPDATE jobs SET leased_until = clock_timestamp() - interval '1 s' WHERE state = 'running'")


async def test_each_is_done_once_in_the_order_of_the_queue(units: Units) -> None:
    await queued(units)
    await worker().run_due(units)
    assert await effects(units) == KEYS


async def test_two_processes_share_them(units: Units) -> None:
    await queued(units)
    await asyncio.gather(worker().run_due(units), worker().run_due(units))
    assert sorted(await effects(units)) == KEYS


async def test_one_that_fails_is_given_up_alone(units: Units) -> None:
    async def fails(job: Job) -> Written:
        if job.request["key"] == "03":
            raise ZeroDivisionError
        return await written(job)

    await queued(units)
    await worker(fails).run_due(units)
    assert await states(units) == [(key, "failed" if key == "03" else "done") for key in KEYS]


async def test_what_of_one_cannot_be_written_down_costs_the_others_nothing(units: Units) -> None:
    async def spoiled(unit: Unit, became: Sequence[Written]) -> None:
        bad = [replace(one, key="\0") if one.key == "03" else one for one in became]
        await noted(unit, bad)

    await queued(units)
    await worker(note=spoiled).run_due(units)
    assert await states(units) == [(key, "failed" if key == "03" else "done") for key in KEYS]
    assert sorted(await effects(units)) == [key for key in KEYS if key != "03"]


async def test_one_that_comes_again_waits_for_its_time(units: Units) -> None:
    clock = FixedClock(units.clock.now())
    units = replace(units, clock=clock)
    later = clock.now() + timedelta(minutes=1)

    async def not_yet(job: Job) -> Written:
        return Written(job, job.request["key"], later if job.attempt == 1 else None)

    await queued(units, ["a"])
    await worker(not_yet).run_due(units)
    assert (await effects(units), await states(units)) == (["a"], [("a", "queued")])
    clock.advance(timedelta(minutes=1))
    await worker(not_yet).run_due(units)
    assert (await effects(units), await states(units)) == (["a", "a"], [("a", "done")])


async def test_what_killed_a_process_takes_its_neighbours_along_once(units: Units) -> None:
    """Those that a dead process left are taken one at a time, so only the guilty one uses up its attempts."""
    now = units.clock.now() + timedelta(minutes=1)
    await queued(units, KEYS[:4])
    take = partial(worker()._take_some, units, ["test"], now, 5)
    assert len(await take()) == 4
    await expire(units)
    await queued(units, KEYS[4:6])
    [first] = [row for row in await take() if row["attempt"] == 2]
    assert first["request"] == {"key": "00"}
    await expire(units)
    await worker().run_due(units)
    assert sorted(await effects(units)) == KEYS[:6]


class Stuck:
    """Writes the first ones, and hangs on the third."""

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, job: Job) -> Written:
        if job.request["key"] == "02":
            self.begun.set()
            await self.go_on.wait()
        return await written(job)


async def test_a_service_that_stops_hands_back_what_is_not_done(units: Units) -> None:
    stuck = Stuck()
    await queued(units, KEYS[:4])
    working = asyncio.create_task(worker(stuck).run_due(units))
    await stuck.begun.wait()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert await states(units) == [("00", "done"), ("01", "done"), ("02", "queued"), ("03", "queued")]
    assert await effects(units) == ["00", "01"]


async def test_what_another_took_meanwhile_is_not_written_down_twice(units: Units) -> None:
    stuck = Stuck()
    await queued(units, KEYS[:4])
    slow = asyncio.create_task(worker(stuck).run_due(units))
    await stuck.begun.wait()
    await eventually(partial(effects, units), until=lambda keys: keys == ["00", "01"])
    await expire(units)
    await worker().run_due(units)
    stuck.go_on.set()
    await slow
    assert await effects(units) == KEYS[:4]


async def test_who_is_stopped_behind_a_writing_that_has_ended_leaves_nothing_behind() -> None:
    done, kept = list[int](), list[int]()

    async def write(some: Sequence[int]) -> None:
        kept.extend(some)

    async def work() -> None:
        async with Recording(write) as recording:
            for n in range(3):
                done.append(n)
                await recording.add(n)
                await turns(2)  # the writing ends

    for steps in range(12):
        done.clear()
        kept.clear()
        working = asyncio.create_task(work())
        await turns(steps)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert kept == done, f"stopped after {steps} steps"


async def test_a_job_whose_lease_has_ended_unseen_is_left_to_whoever_takes_it(units: Units) -> None:
    async def asleep(job: Job) -> Written:
        for one in taken:
            one.held_until = 0.0  # the process was stopped for longer than a lease
        return await written(job)

    taken = list[Job]()

    @asynccontextmanager
    async def opened(jobs: Sequence[Job]) -> AsyncIterator[Do]:
        taken.extend(jobs)
        yield asleep

    await queued(units, KEYS[:3])
    late = Worker([Kind("test", Together(5, opened, noted))])
    await late._run_some(units, "jobs")
    assert await effects(units) == ["00"]
    await expire(units)
    await worker().run_due(units)
    assert await effects(units) == KEYS[:3]


async def test_what_we_have_no_key_for_waits_and_spends_no_try(units: Units) -> None:
    clock = FixedClock(units.clock.now())
    units, ours = replace(units, clock=clock), Cipher({"1": b"1" * 32}, active="1")
    async with units.system() as unit:
        await enqueue_all(unit, "test", [({"key": "a"}, b"text")], cipher=ours)
    for _ in range(10):
        await replace(worker(), cipher=Cipher({"2": b"2" * 32}, active="2")).run_due(units)
        clock.advance(timedelta(minutes=1))
    assert await states(units) == [("a", "queued")]
    await replace(worker(), cipher=ours).run_due(units)
    assert await effects(units) == ["a"]


async def test_so_many_at_most_are_done_and_not_written_down() -> None:
    """As many would be done twice by whoever comes after a process that died."""
    gate, done, kept = asyncio.Event(), list[int](), list[int]()

    async def write(some: Sequence[int]) -> None:
        await gate.wait()
        kept.extend(some)

    async def work() -> None:
        async with Recording(write) as recording:
            for n in range(30):
                done.append(n)
                await recording.add(n)

    working = asyncio.create_task(work())
    await eventually(lambda: len(done) >= UNWRITTEN)
    assert len(done) == UNWRITTEN
    working.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert kept == done, "who is stopped writes down what is done"
