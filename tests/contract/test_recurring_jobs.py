"""What recurring work promises: one process does a run, a missed one is made up for once, a failure is not the end."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from shared.database.unit_of_work import Units
from shared.jobs.job import Job, JobFailed
from shared.jobs.queue import STANDING, enqueue
from shared.jobs.recurring import Daily, Every
from shared.jobs.worker import RECURRING, Kind, Worker, recurring
from shared.observability import metrics
from tests.contract.test_jobs import act, effects, expire, rows
from tests.support.clock import FixedClock

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TICK = Kind("tick", act, recurs=Every(MINUTE))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def units(units: Units, clock: FixedClock) -> Units:
    units.clock = clock
    return units


async def tick(units: Units, *workers: Worker) -> None:
    await asyncio.gather(*(worker.run_recurring(units) for worker in workers or [Worker([TICK])]))


async def row(units: Units) -> dict[str, Any]:
    [found] = await rows(units, "SELECT state, run_at, attempt, attempt - attempts_before AS tries, result FROM jobs")
    return found


async def test_the_first_run_is_due_after_the_pause_and_each_next_one_after_the_last(
    units: Units, clock: FixedClock
) -> None:
    await tick(units)
    assert await effects(units) == []
    for run in (1, 2, 3):
        clock.advance(MINUTE)
        await tick(units)
        assert len(await effects(units)) == run
    assert (await row(units))["run_at"] == clock.now() + MINUTE


async def test_until_it_is_queued_it_is_looked_for(units: Units, clock: FixedClock) -> None:
    """Entering it may fail, as the database may be away at the start."""
    worker = Worker([TICK])
    assert await worker.due(units) == {RECURRING}
    await tick(units, worker)
    assert await worker.due(units) == set()
    clock.advance(MINUTE)
    assert await worker.due(units) == {RECURRING}


async def test_a_run_that_was_missed_for_days_is_made_up_for_once(units: Units, clock: FixedClock) -> None:
    await tick(units)
    clock.advance(timedelta(days=3))
    await tick(units)
    await tick(units)
    assert await effects(units) == [("system", 1)]


async def test_several_processes_share_one_run(units: Units, clock: FixedClock) -> None:
    await tick(units)
    clock.advance(MINUTE)
    await tick(units, *(Worker([TICK]) for _ in range(5)))
    assert await effects(units) == [("system", 1)]


async def test_the_next_run_is_queued_with_the_effect_or_not_at_all(units: Units, clock: FixedClock) -> None:
    """Its end and its effect are one transaction: a worker that lost its lease neither acts nor plans."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(job: Job) -> None:
        begun.set()
        await go_on.wait()
        await act(job)

    await tick(units)
    clock.advance(MINUTE)
    asleep = asyncio.create_task(tick(units, Worker([Kind("tick", slow, recurs=Every(MINUTE))])))
    await begun.wait()
    await expire(units)
    await tick(units)
    clock.advance(timedelta(seconds=7))
    go_on.set()
    await asleep
    assert await effects(units) == [("system", 2)]
    assert (await row(units))["run_at"] == NOON + 2 * MINUTE


async def test_whoever_slept_through_whole_runs_is_still_fenced_off(units: Units, clock: FixedClock) -> None:
    """The attempts start over with each run, the fence does not."""
    worker = Worker([TICK])
    await tick(units, worker)
    clock.advance(MINUTE)
    asleep = await worker._take(units, ["tick"], clock.now())
    assert asleep is not None
    await expire(units)
    await tick(units, worker)
    clock.advance(MINUTE)
    assert await worker._take(units, ["tick"], clock.now()) is not None
    await worker._run(worker._job(units, asleep))
    assert await effects(units) == [("system", 2)]


async def test_a_failed_run_is_tried_again_soon_and_given_up_after_its_attempts(
    units: Units, clock: FixedClock
) -> None:
    async def fails(job: Job) -> None:
        raise TimeoutError

    daily = Worker([Kind("tick", fails, attempts=3, recurs=Daily(time(4)))])
    await tick(units, daily)
    clock.at = datetime(2026, 11, 29, 3, tzinfo=UTC)
    for tries in (1, 2):
        await tick(units, daily)
        assert (await row(units))["tries"] == tries
        clock.advance(MINUTE)
    before = metrics.JOBS_FAILED.labels("booking", "tick")._value.get()
    await tick(units, daily)
    given_up = await row(units)
    assert (given_up["state"], given_up["tries"]) == ("queued", 0)
    assert given_up["run_at"] == datetime(2026, 11, 30, 3, tzinfo=UTC), "the next regular run"
    assert given_up["result"]["state"] == "failed"
    assert metrics.JOBS_FAILED.labels("booking", "tick")._value.get() == before + 1


async def test_one_that_cannot_be_done_is_not_the_last_run(units: Units, clock: FixedClock) -> None:
    async def hopeless(job: Job) -> None:
        raise JobFailed("the figures do not reconcile")

    await tick(units)
    clock.advance(MINUTE)
    await tick(units, Worker([Kind("tick", hopeless, recurs=Every(MINUTE))]))
    clock.advance(MINUTE)
    await tick(units)
    assert await effects(units) == [("system", 2)]


async def test_a_shorter_pause_of_a_new_version_holds_at_once(units: Units, clock: FixedClock) -> None:
    await tick(units, Worker([Kind("tick", act, recurs=Every(timedelta(days=9)))]))
    await tick(units)
    assert (await row(units))["run_at"] == NOON + MINUTE


async def test_it_counts_among_the_jobs_that_wait_while_a_version_declares_it(units: Units, clock: FixedClock) -> None:
    await tick(units)
    async with units.system() as unit:
        for kinds, expected in ((["tick"], (1, 60)), ([], (0, 0))):
            standing = await unit.one(STANDING, {"now": NOON + 2 * MINUTE, "kinds": kinds})
            assert (standing["open"], round(standing["age"])) == expected


# --- as of another time ----------------------------------------------------------------------------------------------


async def test_time_can_be_let_pass_without_moving_the_regular_runs(units: Units, clock: FixedClock) -> None:
    """Whatever recurs, whatever that enqueues, and what was queued for later: all of it once, at that time."""
    later = NOON + timedelta(days=40)

    async def remind(job: Job) -> None:
        async with job.effect() as unit:
            await enqueue(unit, "mail", {})

    seen: list[tuple[str, datetime]] = []

    async def sweep(units: Units) -> None:
        seen.append(("sweep", units.clock.now()))

    async def mail(job: Job) -> None:
        seen.append(("mail", job.units.clock.now()))

    kinds = [
        Kind("mail", mail),
        Kind("remind", remind, recurs=Daily(time(4))),
        recurring("sweep", Every(MINUTE), sweep),
    ]
    async with units.system() as unit:
        await enqueue(unit, "mail", {}, run_at=NOON + timedelta(days=39))
        await enqueue(unit, "mail", {}, run_at=NOON + timedelta(days=41))
    await Worker(kinds).run_as_of(units, later)
    assert seen == [("sweep", later), ("mail", later), ("mail", later)]
    assert [each["run_at"] for each in await rows(units, "SELECT run_at FROM jobs WHERE recurring ORDER BY kind")] == [
        datetime(2026, 11, 29, 3, tzinfo=UTC),
        NOON + MINUTE,
    ]
    seen.clear()
    earlier = NOON - timedelta(days=400)
    await Worker(kinds).run_as_of(units, earlier)
    assert seen == [("sweep", earlier), ("mail", earlier)], "also back in time"


# --- when ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "next_run"),
    [
        ("2026-11-28T02:59:59Z", "2026-11-28T03:00:00Z"),
        ("2026-11-28T03:00:00Z", "2026-11-29T03:00:00Z"),
        ("2026-11-28T23:30:00Z", "2026-11-29T03:00:00Z"),
        ("2026-10-24T02:00:00Z", "2026-10-25T03:00:00Z"),  # the night when clocks go back
        ("2026-03-28T03:00:00Z", "2026-03-29T02:00:00Z"),  # and forward
    ],
)
def test_daily_is_by_the_clock_on_the_wall_in_sweden(now: str, next_run: str) -> None:
    assert Daily(time(4)).after(datetime.fromisoformat(now)) == datetime.fromisoformat(next_run)


def test_a_time_that_the_clocks_skip_is_an_hour_later() -> None:
    assert Daily(time(2, 30)).after(datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
