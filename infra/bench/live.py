"""Five hundred people who follow the figures: how soon a fact reaches all of them, and what that costs the process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID, uuid4

import asyncpg

from infra.bench.load import HOST, get
from shared.clock import SystemClock
from shared.contracts.catalogue_v1 import Qualification, TrainerChanged
from shared.ids import SystemIds
from shared.messaging.outbox import Cause, Outbox

LISTENERS: Final = 500
FACTS: Final = 10
LIVE: Final = "/reporting/v1/live"
CODE: Final = "Bench"
LONGEST_WAIT: Final = 60.0
LONGEST_LINE: Final = 2**22  # the whole state on connecting
LINGER: Final = 0.7  # longer than the feed waits between two looks: facts come at any moment of its turn


@dataclass(frozen=True)
class Heard:
    """Seconds from the commit of a fact in booking until a listener has it; the process's cost meanwhile."""

    listeners: int = 0
    seconds: list[float] = field(default_factory=list)
    cpu_milliseconds: float = 0.0
    """For each fact: counting once, and telling everybody."""
    megabytes_each: float = 0.0


@dataclass(frozen=True)
class Listener:
    """A connection that is told what changes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, port: int, token: str) -> Listener:
        """Raises ConnectionError when it is not taken, or not told the whole state."""
        reader, writer = await asyncio.open_connection(HOST, port, limit=LONGEST_LINE)
        writer.write(get(LIVE, token=token).raw)
        status = await reader.readline()
        if b" 200 " not in status:
            raise ConnectionError(f"a listener was not taken: {status!r}")
        listener = cls(reader, writer)
        await listener.told(b'"trainers.left":')
        return listener

    async def told(self, part: bytes) -> float:
        """When a message that says this has come."""
        async with asyncio.timeout(LONGEST_WAIT):
            while line := await self.reader.readline():
                if line.startswith(b"data: ") and part in line:
                    return time.perf_counter()
        raise ConnectionError("the stream ended")


async def listeners(
    port: int,
    booking_url: str,
    token: str,
    cpu_seconds: Callable[[], float],
    megabytes: Callable[[], float],
    many: int = LISTENERS,
    facts: int = FACTS,
) -> Heard:
    """Needs a booking and a reporting that run and have nothing left to do. Raises ConnectionError, TimeoutError."""
    before = megabytes()
    following = [await Listener.open(port, token) for _ in range(many)]
    booking = await asyncpg.connect(booking_url)
    seconds: list[float] = []
    began = cpu_seconds()
    try:
        for number in range(1, facts + 1):
            await _commit(booking, uuid4())
            sent = time.perf_counter()
            part = f'"trainers.qualified.{CODE}":{number}'.encode()
            told = await asyncio.gather(*(one.told(part) for one in following))
            seconds += [one - sent for one in told]
            await asyncio.sleep(LINGER * number / facts)
        cpu = (cpu_seconds() - began) / facts * 1000
        return Heard(many, seconds, cpu, (megabytes() - before) / many)
    finally:
        await booking.close()
        for one in following:
            one.writer.close()


async def _commit(connection: asyncpg.Connection, trainer_id: UUID) -> None:
    """Somebody more who may teach: one event that changes one figure."""
    now, outbox = SystemClock().now(), Outbox("/kursnav/booking", SystemIds(), None)
    data = TrainerChanged(
        trainer_id=trainer_id,
        qualifications=(Qualification(code=CODE, obtained_on=date(2025, 1, 1)),),
        home_municipality="1884",
    )
    async with connection.transaction():
        outbox.add(data, key=f"trainer/{trainer_id}", time=now, recorded_at=now, cause=Cause())
        await outbox.flush(connection.fetch, now)
