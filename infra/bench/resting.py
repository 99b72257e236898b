"""What the services do while nobody asks them anything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import asyncpg

from infra.bench.stack import BenchStack

SECONDS: Final = 20.0
LOOK_SECONDS: Final = 0.5
LONGEST_WAIT: Final = 240.0
DUE: Final = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running') AND NOT recurring AND run_at <= now()"


async def at_rest(stack: BenchStack, services: Sequence[str]) -> float:
    """Percent of a core that these services take together. Raises TimeoutError when their jobs do not end."""
    async with asyncio.timeout(LONGEST_WAIT):
        for service in services:
            await _until_done(stack.database_url(service))
    before, began = _processor(stack, services), time.perf_counter()
    await asyncio.sleep(SECONDS)
    return (_processor(stack, services) - before) / (time.perf_counter() - began) * 100


async def _until_done(url: str) -> None:
    """Mails are sent and webhooks delivered after the events of which they tell are read."""
    connection = await asyncpg.connect(url)
    try:
        while await connection.fetchval(DUE):  # noqa: ASYNC110 # another process does them
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()


def _processor(stack: BenchStack, services: Sequence[str]) -> float:
    return sum(stack.cpu_seconds(service) for service in services)
