"""What a job promises: it runs once, under whoever began it; the dead are replaced, the slow fenced off."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError

from shared.database.unit_of_work import Unit, Units
from shared.jobs.job import Fenced, Job, JobFailed
from shared.jobs.queue import enqueue
from shared.jobs.worker import LONGEST_PAUSE, Kind, Worker, pause_after
from shared.security.roles import SYSTEM, Caller, Role, scope_of
from shared.web.problems import FieldError, busy, invalid
from shared.workshop import WorkerEnded
from tests.support.eventually import eventually

EFFECT = "INSERT INTO effects (consumer, event_id, key, sequence, note) VALUES ('jobs', :id, :actor, :attempt, :note)"
ANNA = Caller("anna", "Anna", frozenset({Role.MUNICIPALITY}), "1884", issuer="https://issuer.example")
Run = Callable[[Job], Awaitable[None]]


async def act(job: Job, note: str = "") -> None:
    """The effect of a job in these tests: a row."""
    async with job.effect() as unit:
        values = {"id": job.id, "actor": unit.actor, "attempt": job.attempt, "note": note}
        await unit.execute(EFFECT, values)
        job.result = {"attempt": job.attempt}


def kind(run: Run = act, **options: object) -> Kind:
    return Kind("test", run, **options)  # type: ignore[arg-type]  # whatever a test says


async def queued(units: Units, caller: Caller | None = None, **options: object) -> UUID:
    async with units.open(caller=caller) as unit:
        unit.enter(scope_of(caller, Role.MUNICIPALITY) if caller else SYSTEM, Role.MUNICIPALITY if caller else None)
        return await enqueue(unit, "test", {"language": "en"}, **options)  # type: ignore[arg-type]


async def rows(units: Units, statement: str) -> list[dict[str, object]]:
    async with units.system() as unit:
        return [dict(row) for row in await unit.all(statement)]


async def effects(units: Units) -> list[tuple[object, object]]:
    found = await rows(units, "SELECT key, sequence FROM effects ORDER BY id")
    return [(row["key"], row["sequence"]) for row in found]


async def state(units: Units) -> object:
    [row] = await rows(units, "SELECT state FROM jobs")
    return row["state"]


async def result(units: Units) -> dict[str, object]:
    [row] = await rows(units, "SELECT CAST(result AS text) AS result FROM jobs")
    answer: dict[str, object] = json.loads(str(row["result"]))
    return answer


class Paused:
    """A job's function that waits in its first attempt."""

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, job: Job) -> None:
        if not self.begun.is_set():
            self.begun.set()
            await self.go_on.wait()
        await act(job)


async def expire(units: Units) -> None:
    async with units.system() as unit:
        await unit.execute("UPDATE jobs SET leased_until = clock_timestamp() - interval '1 second'")


# --- once ------------------------------------------------------------------------------------------------------------


async def test_a_job_is_queued_by_the_commit_of_what_it_follows_from(units: Units) -> None:
    async def rolled_back() -> None:
        async with units.system() as unit:
            await enqueue(unit, "test", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await rolled_back()
    assert await rows(units, "SELECT id FROM jobs") == []


async def test_several_workers_do_each_job_once(units: Units) -> None:
    jobs = [await queued(units) for _ in range(20)]
    await asyncio.gather(*(Worker([kind()]).run_due(units) for _ in range(4)))
    done = await rows(units, "SELECT event_id FROM effects")
    assert sorted(map(str, jobs)) == sorted(str(row["event_id"]) for row in done)
    assert {row["state"] for row in await rows(units, "SELECT state FROM jobs")} == {"done"}


async def test_a_job_that_is_not_due_waits(units: Units) -> None:
    later = units.clock.now() + timedelta(hours=1)
    await queued(units, run_at=later)
    await Worker([kind()]).run_due(units)
    assert await state(units) == "queued"


async def test_a_worker_takes_the_kinds_that_it_knows(units: Units) -> None:
    await queued(units)
    await Worker([Kind("other", act)]).run_due(units)
    assert await state(units) == "queued"


async def test_a_job_without_an_effect_is_done_when_it_returns(units: Units) -> None:
    async def nothing(job: Job) -> None:
        job.result = {"sent": 1}

    await queued(units)
    await Worker([kind(nothing)]).run_due(units)
    assert (await state(units), await result(units)) == ("done", {"sent": 1})


# --- the dead and the slow -------------------------------------------------------------------------------------------


async def test_what_a_dead_worker_left_is_taken_up_when_its_lease_has_ended(units: Units) -> None:
    await queued(units)
    assert await taken(units) is not None  # and then its process died
    await Worker([kind()]).run_due(units)
    assert await effects(units) == []
    await expire(units)
    await Worker([kind()]).run_due(units)
    assert await effects(units) == [("system", 2)]


async def test_a_slow_workers_result_is_fenced_off(units: Units) -> None:
    slow = Paused()
    await queued(units)
    asleep = asyncio.create_task(Worker([kind(slow)]).run_due(units))
    await slow.begun.wait()
    await expire(units)
    await Worker([kind()]).run_due(units)
    slow.go_on.set()
    await asleep
    assert await effects(units) == [("system", 2)], "the effect of the second attempt alone"
    assert await result(units) == {"attempt": 2}


async def test_a_slow_worker_that_commits_at_the_same_moment_loses(units: Units) -> None:
    """Both are within their transactions: the end of the job decides, not who began."""
    together = asyncio.Barrier(2)

    async def meet(job: Job) -> None:
        async with job.effect() as unit:
            await unit.execute(EFFECT, {"id": job.id, "actor": "x", "attempt": job.attempt, "note": ""})
            await together.wait()

    await queued(units)
    first = asyncio.create_task(Worker([kind(meet)]).run_due(units))
    await eventually(lambda: together.n_waiting, what="the first is in its transaction")
    await expire(units)
    await asyncio.gather(first, Worker([kind(meet)]).run_due(units))
    assert await effects(units) == [("x", 2)]


async def test_without_the_fence_both_would_commit(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what the tests above see is the fence."""
    monkeypatch.setattr("shared.jobs.job.Job._if_still_mine", _anybody)
    slow = Paused()
    await queued(units)
    asleep = asyncio.create_task(run_one(units, slow))
    await slow.begun.wait()
    await expire(units)
    await run_one(units, act)
    slow.go_on.set()
    await asleep
    assert sorted(await effects(units), key=str) == [("system", 1), ("system", 2)]


async def taken(units: Units) -> RowMapping | None:
    """The row of a job whose worker got no further than to take it."""
    return await Worker([kind()])._take(units, ["test"], units.clock.now())


async def run_one(units: Units, run: Run) -> None:
    worker, row = Worker([kind(run)]), await taken(units)
    assert row is not None
    await worker._run(worker._job(units, row))


async def _anybody(self: Job, unit: Unit, statement: object, **values: object) -> None:
    return None


async def test_a_lease_is_renewed_for_as_long_as_the_work_takes(units: Units) -> None:
    slow = Paused()
    await queued(units)
    working = asyncio.create_task(Worker([kind(slow)], lease_seconds=0.3).run_due(units))
    await slow.begun.wait()
    [first] = await rows(units, "SELECT leased_until FROM jobs")

    async def prolonged() -> bool:
        [now] = await rows(units, "SELECT leased_until, clock_timestamp() AS at FROM jobs")
        assert now["leased_until"] > now["at"], "never free meanwhile"  # type: ignore[operator]
        return bool(now["leased_until"] > first["leased_until"] + timedelta(seconds=1))  # type: ignore[operator]

    await eventually(prolonged, what="the lease lies a second further")
    slow.go_on.set()
    await working
    assert await effects(units) == [("system", 1)]


async def test_whoever_lost_its_lease_stops_working(units: Units) -> None:
    slow = Paused()
    await queued(units)
    working = asyncio.create_task(Worker([kind(slow)], lease_seconds=0.3).run_due(units))
    await slow.begun.wait()
    async with units.system() as unit:
        await unit.execute("UPDATE jobs SET attempt = 2, leased_until = clock_timestamp() + interval '1 hour'")
    await asyncio.wait_for(working, 30)
    assert await effects(units) == []


async def test_a_service_that_stops_hands_its_job_back_at_once(units: Units) -> None:
    slow = Paused()
    await queued(units)
    working = asyncio.create_task(Worker([kind(slow)]).run_due(units))
    await slow.begun.wait()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert await state(units) == "queued"
    await Worker([kind()]).run_due(units)
    assert await effects(units) == [("system", 2)]


async def test_progress_of_one_that_lost_its_job_ends_it(units: Units) -> None:
    async def losing(job: Job) -> None:
        async with units.system() as unit:
            await unit.execute("UPDATE jobs SET attempt = 2")
        with pytest.raises(Fenced):
            await job.progress(3)

    await queued(units, total=9)
    await Worker([kind(losing)]).run_due(units)
    assert [row["done"] for row in await rows(units, "SELECT done FROM jobs")] == [0]


# --- failures --------------------------------------------------------------------------------------------------------

PASSING = [
    DBAPIError("x", None, asyncpg.DeadlockDetectedError("deadlock")),
    WorkerEnded(),
    TimeoutError(),
    busy("Försök igen.", "Try again."),
]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
async def test_what_may_pass_is_tried_again_later(units: Units, error: Exception) -> None:
    async def fails_once(job: Job) -> None:
        if job.attempt == 1:
            raise error
        await act(job)

    await queued(units)
    await Worker([kind(fails_once)]).run_due(units)
    [row] = await rows(units, "SELECT state, run_at - queued_at AS pause FROM jobs")
    assert row["state"] == "queued"
    assert timedelta(seconds=0.9) < row["pause"] < timedelta(seconds=60)  # type: ignore[operator]
    async with units.system() as unit:
        await unit.execute("UPDATE jobs SET run_at = queued_at")
    await Worker([kind(fails_once)]).run_due(units)
    assert await effects(units) == [("system", 2)]


async def test_what_would_fail_again_is_given_up_in_one_transaction_with_what_follows(units: Units) -> None:
    async def refused(job: Job) -> None:
        raise invalid(FieldError("/file", "empty", "Filen är tom.", "The file is empty."))

    async def said(unit: Unit, job: Job, reason: str) -> None:
        await unit.execute(EFFECT, {"id": job.id, "actor": reason, "attempt": job.attempt, "note": ""})

    await queued(units)
    await Worker([kind(refused, failed=said)]).run_due(units)
    assert await state(units) == "failed"
    assert (await result(units))["detail"] == "Nothing was saved. Correct what is wrong and send again."
    assert await effects(units) == [("Problem", 1)]


async def test_a_fault_of_ours_is_a_failure_without_its_values(units: Units) -> None:
    async def faulty(job: Job) -> None:
        raise ValueError("maja@nora.example")

    await queued(units)
    await Worker([kind(faulty)]).run_due(units)
    assert (await result(units))["type"] == "https://kursnav.se/problems/internal-error"
    assert "maja" not in str(await result(units))


async def test_a_job_that_ends_its_process_every_time_is_given_up(units: Units) -> None:
    reasons: list[str] = []

    async def said(unit: Unit, job: Job, reason: str) -> None:
        reasons.append(reason)

    await queued(units)
    for _ in range(3):
        await taken(units)
        await expire(units)
    await Worker([kind(attempts=3, failed=said)]).run_due(units)
    assert (await state(units), await effects(units)) == ("failed", [])
    assert reasons == ["doing it ended the process 3 times"]


async def test_one_that_says_that_it_cannot_be_done_is_not_tried_again(units: Units) -> None:
    async def hopeless(job: Job) -> None:
        raise JobFailed("the figures do not reconcile")

    await queued(units)
    await Worker([kind(hopeless)]).run_due(units)
    assert await state(units) == "failed"


async def test_a_job_that_hangs_is_interrupted_and_tried_again(units: Units) -> None:
    await queued(units)
    await Worker([kind(Paused(), seconds=0.1)]).run_due(units)
    assert await state(units) == "queued"


def test_attempts_pause_longer_and_longer_but_no_more_than_a_minute() -> None:
    pauses = [pause_after(attempt).total_seconds() for attempt in range(1, 12)]
    assert 1 <= pauses[0] <= 2
    assert LONGEST_PAUSE / 2 <= pauses[-1] <= LONGEST_PAUSE
