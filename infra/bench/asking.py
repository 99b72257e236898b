"""How fast figures are answered beside many facts, while more arrive: reporting's own statements, in one process."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Final

import asyncpg

from infra.bench import years
from infra.bench.load import quantile_of
from infra.local.postgres import service_urls
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.figures import figures
from shared.clock import SystemClock
from shared.database.engine import create_engine
from shared.database.migrate import migrate
from shared.database.unit_of_work import Units
from shared.ids import SystemIds

YEARS: Final = (3, 29)
"""About 100,000 facts, and a million."""
ASKED: Final = 20
ARRIVE_EACH_SECOND: Final = 200
TICK_SECONDS: Final = 0.1
YEAR: Final = Question(date(2025, 1, 1), date(2025, 12, 31))
MONTH: Final = Question(date(2025, 3, 1), date(2025, 3, 31))


@dataclass(frozen=True)
class Asked:
    """The figures of a year and of a month, in milliseconds (95 of 100 are as fast), beside so many facts."""

    facts: int
    recorded_per_second: float
    year_ms: float
    month_ms: float


async def figures_beside(admin_url: str, many: int) -> Asked:
    """Fills a database with so many years and asks it."""
    async with _database(admin_url, f"figures_{many}") as units:
        began = time.perf_counter()
        facts = await years.fill(units, many)
        seconds = time.perf_counter() - began
        arriving = asyncio.create_task(_arrive(units, facts))
        try:
            year, month = [await _milliseconds(units, question) for question in (YEAR, MONTH)]
        finally:
            arriving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await arriving
    return Asked(facts, facts / seconds, year, month)


async def _milliseconds(units: Units, question: Question) -> float:
    took = []
    for _ in range(ASKED):
        began = time.perf_counter()
        async with units.system() as unit:
            await figures(unit, await counting(unit), question)
        took.append((time.perf_counter() - began) * 1000)
    return quantile_of(took, 0.95)


async def _arrive(units: Units, offset: int) -> None:
    """Sessions of the year go on being booked, given and sealed."""
    rng = random.Random(2)
    staff = [years.Employee(rng) for _ in range(years.SEATS)]
    made = (one for _ in count() for one in years.session(rng, date(2025, 3, rng.randint(1, 28)), staff))
    for tick in count():
        batch = [next(made) for _ in range(int(ARRIVE_EACH_SECOND * TICK_SECONDS))]
        async with units.system() as unit:
            await years.record(unit, batch, offset + tick * len(batch))
        await asyncio.sleep(TICK_SECONDS)


@contextlib.asynccontextmanager
async def _database(admin_url: str, name: str) -> AsyncIterator[Units]:
    """A reporting database of its own, as the service's role sees it; dropped at the end."""
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(f'CREATE DATABASE "{name}" OWNER reporting_owner')
        urls = service_urls(admin_url, "reporting", name)
        await migrate("reporting", urls["REPORTING_OWNER_DATABASE_URL"])
        engine = create_engine(urls["REPORTING_DATABASE_URL"], application="kursnav-bench")
        try:
            yield Units("reporting", engine, SystemClock(), SystemIds())
        finally:
            await engine.dispose()
            await admin.execute(f'DROP DATABASE "{name}"')
    finally:
        await admin.close()
