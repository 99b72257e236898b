"""When everything that follows from bookings is done: else it would run beside the floor's rounds."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import asyncpg

from infra.bench.stack import BenchStack

LONGEST_WAIT: Final = 240.0
LOOK_SECONDS: Final = 0.1
UNDER_WAY: Final = """
    SELECT (SELECT count(*) FROM outbox)
         + (SELECT count(*) FROM registrations WHERE status = 'confirmed')
         - (SELECT count(*) FROM mails WHERE kind = 'invitation' AND ended_at IS NOT NULL)
"""


async def settled(stack: BenchStack) -> float:
    """Seconds until each booking's invitation is sent. Raises TimeoutError."""
    began = time.perf_counter()
    connection = await asyncpg.connect(stack.database_url("booking"))
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            while await connection.fetchval(UNDER_WAY) > 0:  # noqa: ASYNC110 # in another process
                await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()
    return time.perf_counter() - began
