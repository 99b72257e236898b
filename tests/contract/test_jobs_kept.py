"""Whose a job is, who sees it and its content, and for how long it is kept."""

from datetime import timedelta

from shared.database import retention
from shared.database.unit_of_work import Units
from shared.jobs.job import Job
from shared.jobs.queue import STANDING, own
from shared.jobs.worker import Worker
from shared.security.roles import Caller, Role, scope_of
from tests.contract.test_jobs import ANNA, effects, kind, queued, rows
from tests.support.mechanisms import CIPHER


async def test_a_job_acts_as_whoever_began_it_and_is_seen_by_nobody_else(units: Units) -> None:
    job = await queued(units, ANNA)
    await Worker([kind()]).run_due(units)
    assert await effects(units) == [("anna", 1)]
    others = [
        Caller("anna", "Anna", ANNA.roles, "1885", issuer=ANNA.issuer),
        Caller("anna", "Anna", ANNA.roles, "1884", issuer="https://another.example"),
        Caller("anna", "Anna", frozenset({Role.TRAINER}), "1884", issuer=ANNA.issuer),
        Caller("bo", "Bo", ANNA.roles, "1884", issuer=ANNA.issuer),
    ]
    seen = []
    for caller in (ANNA, *others):
        async with units.open(caller=caller, scope=scope_of(caller, Role.MUNICIPALITY)) as unit:
            seen.append(await own(unit, job) is not None)
    assert seen == [True, False, False, False, False]


async def test_the_scope_of_a_caller_sees_no_job(units: Units) -> None:
    await queued(units, ANNA)
    for role in (Role.MUNICIPALITY, Role.COORDINATOR):
        async with units.open(scope=scope_of(ANNA, role)) as unit:
            assert await unit.scalar("SELECT count(*) FROM jobs") == 0


async def test_content_is_unreadable_in_the_database_and_gone_at_the_end(units: Units) -> None:
    seen: list[bytes | None] = []

    async def look(job: Job) -> None:
        seen.append(job.content)

    await queued(units, content=b"19811218-9876", cipher=CIPHER)
    [kept] = await rows(units, "SELECT content FROM jobs")
    assert b"9876" not in kept["content"]  # type: ignore[operator]
    await Worker([kind(look)], CIPHER).run_due(units)
    assert seen == [b"19811218-9876"]
    assert await rows(units, "SELECT content FROM jobs") == [{"content": None}]


async def test_jobs_that_ended_long_ago_are_forgotten_and_open_ones_kept(units: Units) -> None:
    for _ in range(3):
        await queued(units)
    await Worker([kind()]).run_due(units)
    await queued(units)
    async with units.system() as unit:
        await unit.execute(
            "UPDATE jobs SET ended_at = ended_at - interval '31 days' "
            "WHERE id IN (SELECT id FROM jobs WHERE state = 'done' LIMIT 2)"
        )
    assert await retention.forget(units, "jobs", units.clock.now() - timedelta(days=30)) == 2
    assert sorted(str(row["state"]) for row in await rows(units, "SELECT state FROM jobs")) == ["done", "queued"]


async def test_how_many_wait_and_for_how_long_is_known(units: Units) -> None:
    now = units.clock.now()
    await queued(units, run_at=now - timedelta(minutes=5))
    await queued(units, run_at=now + timedelta(minutes=5))
    async with units.system() as unit:
        standing = await unit.one(STANDING, {"now": now, "kinds": []})
    assert (standing["open"], round(standing["age"])) == (1, 300)
