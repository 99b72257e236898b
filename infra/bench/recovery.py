"""How long a SIGKILL of a service is felt: until a fact of a booking that was acknowledged after it is committed.

The clock runs from the kill; the same program is started again at once, with the same instance name. Bookings go on
at a light rate meanwhile, and every acknowledged one must be a fact in the end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Final

import asyncpg

from infra.bench.load import Call, Connection
from infra.bench.stack import BenchStack

KILLS: Final = 2
PER_SECOND: Final = 20
BEFORE_SECONDS: Final = 1.0
LONGEST_ANSWER: Final = 5.0
LONGEST_WAIT: Final = 30.0
LOOK_SECONDS: Final = 0.05
FACTS: Final = """
SELECT key || '/' || (data ->> 'participant_id') FROM facts_v1.facts
WHERE type LIKE '%registration-confirmed%' AND recorded_at >= $1
"""


class Bookings:
    """One client that books again and again, whatever happens to the service."""

    def __init__(self, port: int, calls: Iterator[Call]) -> None:
        self.acknowledged: dict[str, float] = {}  # label of each booking answered with 2xx, and when
        self._port = port
        self._calls = calls
        self._connection: Connection | None = None

    async def run(self) -> None:
        """Until cancelled. A booking without an answer may be either: it is not asked for again, and not counted."""
        while True:
            call = next(self._calls)
            try:
                await self._book(call)
            except (OSError, TimeoutError):
                self.close()
            await asyncio.sleep(1 / PER_SECOND)

    async def _book(self, call: Call) -> None:
        async with asyncio.timeout(LONGEST_ANSWER):
            if self._connection is None:
                self._connection = await Connection.open(self._port)
            status, _ = await self._connection.send(call)
        if 200 <= status < 300:
            self.acknowledged[call.label] = time.perf_counter()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


async def recovery_seconds(stack: BenchStack, service: str, calls: Iterator[Call]) -> list[float]:
    """For each of a few kills of `service`. Raises TimeoutError when it does not recover or a booking is lost."""
    connection = await asyncpg.connect(stack.database_url("reporting"))
    try:
        return [await _one(stack, service, calls, connection) for _ in range(KILLS)]
    finally:
        await connection.close()


async def _one(stack: BenchStack, service: str, calls: Iterator[Call], connection: asyncpg.Connection) -> float:
    bookings = Bookings(stack.ports["booking"], calls)
    since = await connection.fetchval("SELECT clock_timestamp()")

    async def facts() -> set[str]:
        await asyncio.sleep(LOOK_SECONDS)
        return {row[0] for row in await connection.fetch(FACTS, since)}

    booking = asyncio.create_task(bookings.run())
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            await asyncio.sleep(BEFORE_SECONDS)
            killed = time.perf_counter()
            await stack.kill(service)
            while not await facts() & {label for label, at in bookings.acknowledged.items() if at > killed}:
                continue
            seconds = time.perf_counter() - killed
    finally:
        booking.cancel()
        await asyncio.gather(booking, return_exceptions=True)
        bookings.close()
    async with asyncio.timeout(LONGEST_WAIT):
        while not bookings.acknowledged.keys() <= await facts():
            continue
    return seconds
