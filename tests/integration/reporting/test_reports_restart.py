"""A power cut while a report is being built: the next start finishes it, and nothing of the old process stays."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from infra.local.state import ProcessMark
from shared.security.roles import Role
from tests.support import databases, tokens
from tests.support.eventually import eventually
from tests.support.processes import ServeProcess
from tests.support.services import environment
from tests.support.stack import Stack
from tests.support.topics import topics


def children(pid: int) -> set[ProcessMark]:
    """Living processes that a process has started."""
    started: list[str] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # a thread that has ended meanwhile
            started += (task / "children").read_text().split()
    return {mark for child in started if (mark := ProcessMark.of(int(child)))}


async def the_lease_ends(url: str) -> None:
    """As by itself after half a minute (`tests/contract/test_jobs.py`)."""
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE jobs SET leased_until = clock_timestamp() WHERE state = 'running'")
    await connection.close()


@pytest.mark.kill
async def test_a_report_survives_the_process_that_builds_it(stack: Stack, tmp_path: Path) -> None:
    async with topics(stack.bootstrap_servers, None) as prefix, databases.cloned(stack.admin_url, "reporting") as name:
        process = ServeProcess("reporting", environment(stack, {"reporting": name}, prefix=prefix), tmp_path)
        await process.start()
        url = f"http://127.0.0.1:{process.port}/reporting/v1/reports"
        async with httpx2.AsyncClient(headers=tokens.bearer(Role.COORDINATOR), timeout=30) as client:
            ordered = await client.post(url, json={"kind": "progress", "period": "2025"})
            report = ordered.json()["id"]

            async def shown() -> dict[str, Any]:
                answer: dict[str, Any] = (await client.get(f"{url}/{report}")).json()
                return answer

            assert process.process is not None
            pid = process.process.pid
            workers = await eventually(lambda: children(pid), what="the worker process began")
            process.kill()
            await eventually(
                lambda: {worker for worker in workers if worker.alive},
                until=lambda alive: not alive,
                what="the worker ended with its service",
            )
            await the_lease_ends(databases.superuser_url(stack.admin_url, name))
            await process.start()
            finished = await eventually(shown, within=60, until=lambda seen: seen["state"] in ("frozen", "failed"))
            assert finished["state"] == "frozen", process.log_end()
            assert (await client.get(f"{url}/{report}/file.pdf")).content.startswith(b"%PDF-")
            await process.stop()
