"""A process whose consumers hang says so, ends by itself, and the supervisor starts it again."""

from pathlib import Path

import asyncpg
import pytest

from infra.local.process import Program, http_get
from infra.local.stack import kursnav
from infra.local.supervisor import Supervisor
from infra.serve import STALLED_EXIT
from shared.contracts.topics import ATTENDANCE
from tests.support.databases import superuser_url
from tests.support.eventually import eventually
from tests.support.golden import FILES, record_of
from tests.support.kafka_log import put
from tests.support.services import running
from tests.support.stack import Stack

[RECORDED] = [path for path in FILES if ".attendance-recorded." in path.name]
HANGS = {"KURSNAV_WATCHDOG_SECONDS": "1", "KURSNAV_LOCK_TIMEOUT_MS": "0"}  # a locked table holds a batch up for good


@pytest.mark.timeout(120)
async def test_a_consumer_that_hangs_makes_its_process_start_again(stack: Stack, tmp_path: Path) -> None:
    async with running(stack, ["booking"], processes=["booking"], stages=()) as origin:
        serve = origin.processes["booking"]
        said: list[str] = []
        supervisor = Supervisor(on_change=lambda: None, say=said.append)

        async def ready() -> tuple[int, str]:
            return await http_get(serve.port, "/booking/health/ready")

        async def is_ready() -> bool:
            return (await ready())[0] == 200

        async def started_again() -> bool:
            await supervisor.look()
            return bool(said)

        own = {**serve.variables, "KURSNAV_PORT": str(serve.port), **HANGS}
        program = Program("serve booking", kursnav("serve", "booking"), tmp_path / "log", is_ready, own)
        locking = await asyncpg.connect(superuser_url(stack.admin_url, origin.databases["booking"]))
        try:
            await supervisor.start(program)
            async with locking.transaction():
                await locking.execute("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
                await put(stack.bootstrap_servers, origin.prefix + ATTENDANCE.name, [record_of(RECORDED)])
                _, body = await eventually(ready, within=30, until=lambda answer: answer[0] == 503, what="not ready")
                assert "consumers make no progress" in body
                await eventually(started_again, within=30, what="started again")
                assert said == [f"serve booking ended with code {STALLED_EXIT}: starting it again"]
            await eventually(is_ready, within=30, what="ready again")

            async def applied() -> int:
                rows = await origin.rows("booking", "SELECT count(*) AS n FROM inbox")
                return int(rows[0]["n"])

            await eventually(applied, until=lambda count: count == 1, what="the event is applied after all")
        finally:
            await locking.close()
            await supervisor.stop()
