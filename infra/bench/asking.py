"""How fast reporting answers beside many facts, while more arrive: its own statements, in one process."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any, Final

from infra.bench import years
from infra.bench.databases import reporting_units
from infra.bench.load import quantile_of
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.cofinancing import cofinancing
from services.reporting.figures.figures import figures
from services.reporting.reports.content import Order
from services.reporting.reports.copy_state import copy_state
from services.reporting.reports.freeze import frozen_or_reason
from services.reporting.unmatched.queries import unmatched
from shared.database.unit_of_work import Unit, Units
from shared.workshop import Workshop

YEARS: Final = (3, 29)
"""About 100,000 facts, and a million."""
ASKED: Final = 20
ARRIVE_EACH_SECOND: Final = 200
TICK_SECONDS: Final = 0.1
YEAR: Final = Question(date(2025, 1, 1), date(2025, 12, 31))
MONTH: Final = Question(date(2025, 3, 1), date(2025, 3, 31))
LAST: Final = YEAR.last


@dataclass(frozen=True)
class Asked:
    """The figures of a year and of a month (95 of 100 are as fast) and a year's report frozen, beside so many facts;
    the questions that read all of them.
    """

    facts: int
    year_ms: float
    month_ms: float
    frozen_seconds: float
    cofinancing_seconds: float
    unmatched_seconds: float


async def figures_beside(admin_url: str, many: int) -> Asked:
    """Fills a database with that many years and asks it. Raises RuntimeError when a report cannot be issued."""
    async with reporting_units(admin_url, f"figures_{many}") as units:
        facts = await years.fill(units, many)
        async with _arriving(units, facts):
            year, month = [await _milliseconds(units, question) for question in (YEAR, MONTH)]
            table = await _seconds(units, lambda unit, at: cofinancing(unit, at, LAST, LAST))
            waiting = await _seconds(units, lambda unit, at: unmatched(unit, None, 100))
            frozen = await _freeze(units)
    return Asked(facts, year, month, frozen, table, waiting)


async def _milliseconds(units: Units, question: Question) -> float:
    took = [await _seconds(units, lambda unit, at: figures(unit, at, question)) * 1000 for _ in range(ASKED)]
    return quantile_of(took, 0.95)


async def _seconds(units: Units, ask: Callable[[Unit, str], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    async with units.system() as unit:
        await ask(unit, await counting(unit))
    return time.perf_counter() - began


async def _freeze(units: Units) -> float:
    """Seconds from the copy of the rows to the five files, as the service's job makes them."""
    order = Order("bench", "progress", 1, None, str(LAST.year), None, "sv", {}, f"{LAST}T12:00:00Z", {})
    workshop, began = Workshop(), time.perf_counter()
    try:
        facts, stated = await copy_state(units, order)
        outcome = await workshop.run(frozen_or_reason, order, facts, stated)
    finally:
        workshop.close()
    if isinstance(outcome, str):
        raise RuntimeError(f"the report of a year {outcome}")
    return time.perf_counter() - began


@contextlib.asynccontextmanager
async def _arriving(units: Units, offset: int) -> AsyncIterator[None]:
    task = asyncio.create_task(_arrive(units, offset))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


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
