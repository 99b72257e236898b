"""Building a report: once, whoever dies or is interrupted meanwhile, and without holding the database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import pytest

from services.reporting.reports import queries
from services.reporting.reports.build_report import ATTEMPTS, report_kind
from services.reporting.reports.content import Order
from shared.jobs.worker import Worker
from shared.security.roles import Role
from shared.workshop import Workshop
from tests.integration.reporting.ordering import REPORTS, build, finished, ordered
from tests.support.services import Origin

pytestmark = pytest.mark.asyncio(loop_scope="module")

P = ParamSpec("P")
R = TypeVar("R")
IN_TRANSACTION = """
    SELECT count(*) AS open FROM pg_stat_activity
     WHERE datname = $1 AND usename = 'reporting_app' AND state LIKE 'idle in transaction%'
"""
EXPIRED = "UPDATE jobs SET leased_until = clock_timestamp() - interval '1 second' WHERE state = 'running'"


class CountingWorkshop(Workshop):
    """Notes which reports were built."""

    built: list[str]

    async def run(self, task: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        self.built.extend(one.id for one in args if isinstance(one, Order))
        return await super().run(task, *args, **kwargs)


async def test_several_processes_build_each_report_once(origin: Origin) -> None:
    service, workshop = origin.services["reporting"], CountingWorkshop()
    workshop.built = []
    workers = [Worker([report_kind(workshop)]) for _ in range(3)]
    ids = [(await ordered(origin))["id"] for _ in range(4)]
    try:
        await asyncio.gather(*(worker.run_due(service.units) for worker in workers))
    finally:
        workshop.close()
    rows = await origin.rows("reporting", "SELECT id, state FROM reports")
    assert {str(row["id"]): row["state"] for row in rows} == dict.fromkeys(ids, "frozen")
    assert sorted(workshop.built) == sorted(ids)


async def died_building(origin: Origin, report_id: str) -> None:
    """A process takes the job, marks the report, and is no more when its lease ends."""
    service = origin.services["reporting"]
    assert await service.jobs._take(service.units, ["report"], service.units.clock.now()) is not None
    async with service.units.system() as unit:
        await queries.begin(unit, UUID(report_id))
        await unit.execute(EXPIRED)


async def test_what_a_process_left_half_done_is_taken_up_again(origin: Origin) -> None:
    report = await ordered(origin)
    await died_building(origin, report["id"])
    shown = (await origin.client(Role.FUNDER).get(f"{REPORTS}/{report['id']}")).json()
    assert shown["state"] == "building"
    await build(origin)
    assert (await finished(origin, report["id"]))["state"] == "frozen"


async def test_building_holds_no_transaction_while_figures_and_files_are_made(origin: Origin) -> None:
    """The server ends a transaction in which nothing is said for two minutes; a large report takes longer."""
    report, service = await ordered(origin), origin.services["reporting"]
    open_meanwhile: list[int] = []

    class Watching(Workshop):
        async def run(self, task: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
            [row] = await origin.rows("reporting", IN_TRANSACTION, origin.databases["reporting"])
            open_meanwhile.append(row["open"])
            return await super().run(task, *args, **kwargs)

    workshop = Watching()
    await Worker([report_kind(workshop)]).run_due(service.units)
    workshop.close()
    assert open_meanwhile == [0]
    assert (await finished(origin, report["id"]))["state"] == "frozen"


async def test_a_build_that_is_interrupted_begins_again(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    report, begins, run = await ordered(origin), asyncio.Event(), Workshop.run

    def begun(*what: Any, **how: Any) -> Awaitable[Any]:
        begins.set()
        return run(*what, **how)

    monkeypatch.setattr(Workshop, "run", begun)
    interrupted = asyncio.create_task(build(origin))

    async def state() -> str:
        [row] = await origin.rows("reporting", "SELECT state FROM reports WHERE id = $1", UUID(report["id"]))
        return str(row["state"])

    await asyncio.wait_for(begins.wait(), 30)
    interrupted.cancel()
    with pytest.raises(asyncio.CancelledError):
        await interrupted
    assert await state() == "building"
    await build(origin)
    assert await state() == "frozen"


async def test_a_report_that_ends_its_process_every_time_is_given_up(origin: Origin) -> None:
    report = await ordered(origin)
    for _ in range(ATTEMPTS):
        await died_building(origin, report["id"])
    await build(origin)
    shown = await finished(origin, report["id"])
    assert (shown["state"], shown["hash"]) == ("failed", None)
    assert "ended the process" in shown["reason"]
    answer = await origin.client(Role.FUNDER).get(f"{REPORTS}/{report['id']}/file.pdf")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "report-failed")
