"""Stories in a real database: recorded by the statement that records always, asked by the figures' own SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import date, datetime
from typing import Any, TypeVar

import asyncpg
import pytest
from pydantic_core import to_json

from services.reporting.current.tables import TABLES
from services.reporting.days import Period
from services.reporting.facts.past import known_at
from services.reporting.facts.record import insert
from services.reporting.facts.versions import CONSUMER
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.cofinancing import cofinancing, cofinancing_and_elsewhere, released_cofinancing
from services.reporting.figures.figures import figures, released_figures
from services.reporting.indicators.queries import indicators
from services.reporting.recompute.model import Facts
from services.reporting.recompute.narrow import days_taken
from services.reporting.reports.copy_state import facts_at
from services.reporting.unmatched.queries import unmatched
from shared.clock import SystemClock
from shared.database.engine import create_engine
from shared.database.unit_of_work import Unit, Units
from shared.ids import SystemIds
from shared.messaging.delivery import Event
from shared.messaging.inbox import ADVANCE
from tests.support import databases
from tests.support.assemble import StoredFact
from tests.support.stack import Stack
from tests.support.story import stored

R = TypeVar("R")
NOT_FIGURES = {"cut_off", "data_as_of", "suppressed"}


class CurrentState:
    """One reporting database that tells one story after the other; for tests without a loop of their own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, units: Units, owner: Any) -> None:
        self._loop, self._units, self._owner = loop, units, owner
        self._offset = 0

    def tell(self, told: Iterable[Event], *, batch: int = 1000) -> None:
        """Forgets the story before; records these events in their order, so many in a transaction."""
        told = list(told)
        tables = ", ".join(f"facts_v1.{name}" for name in ["facts", *(table.name for table in TABLES)])
        self._loop.run_until_complete(self._owner.execute(f"TRUNCATE {tables}"))
        for first in range(0, len(told), batch):
            self.add(told[first : first + batch])

    def add(self, told: Sequence[Event]) -> None:
        """Records more events."""
        self.add_facts([(one.topic, stored(one)) for one in told])

    def add_facts(self, facts: Sequence[tuple[str, StoredFact]]) -> None:
        """Records facts of these topics."""
        rows = [self._row(*one) for one in facts]

        async def recorded(unit: Unit, at: str) -> None:
            await insert(unit, {name: [row[name] for row in rows] for name in rows[0]}, 1)
            for topic in {row["topic"] for row in rows}:
                place = {"topics": [topic], "partitions": [0], "offsets": [self._offset + 1]}
                await unit.execute(ADVANCE, {"consumer": CONSUMER, **place})

        self.ask(recorded)

    def _row(self, topic: str, fact: StoredFact) -> dict[str, Any]:
        self._offset += 1
        return {
            **{name: getattr(fact, name) for name in ("event_id", "type", "key", "natural_key", "sequence")},
            **{name: getattr(fact, name) for name in ("occurred_at", "recorded_at")},
            "topic": topic,
            "partition": 0,
            "offset": self._offset,
            "data": None if fact.data is None else to_json(fact.data).decode(),
        }

    def ask(self, question: Callable[[Unit, str], Awaitable[R]]) -> R:
        """What a function answers of the story, in a transaction of its own."""

        async def asked() -> R:
            async with self._units.system() as unit:
                return await question(unit, await counting(unit))

        return self._loop.run_until_complete(asked())

    def figures(
        self, first: date, last: date, municipality: str | None = None, course: str | None = None
    ) -> dict[str, Any]:
        question = Question(first, last, municipality, course)
        return only_figures(self.ask(lambda unit, at: figures(unit, at, question)))

    def released(
        self, first: date, last: date, municipality: str | None = None, course: str | None = None
    ) -> dict[str, Any]:
        question = Question(first, last, municipality, course)
        return self.ask(lambda unit, at: released_figures(unit, at, question))

    def indicators(self, period: Period) -> dict[str, dict[str, int]]:
        return self.ask(lambda unit, at: indicators(unit, at, Question(period.first, period.last)))

    def cofinancing(self, as_of: date | None, today: date) -> dict[str, Any]:
        return self.ask(lambda unit, at: cofinancing(unit, at, as_of, today))

    def released_cofinancing(self, as_of: date) -> dict[str, Any]:
        return self.ask(lambda unit, at: released_cofinancing(unit, at, as_of, as_of))

    def cofinancing_known_at(self, moment: datetime, as_of: date) -> dict[str, Any]:
        async def asked(unit: Unit, at: str) -> dict[str, Any]:
            return await cofinancing(unit, await known_at(unit, moment), as_of, as_of)

        return self.ask(asked)

    def facts(self, period: Period, today: date = date.max) -> Facts:
        """The rows that a report of this period would keep."""
        taken = days_taken(period)

        async def copied(unit: Unit, at: str) -> Facts:
            _, elsewhere = await cofinancing_and_elsewhere(unit, at, period.last, taken.first, today)
            return await facts_at(unit, at, taken, elsewhere)

        return self.ask(copied)

    def unmatched(self) -> list[dict[str, Any]]:
        return self.ask(lambda unit, at: unmatched(unit, None, 10_000))


def only_figures(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what says how old it is."""
    return {name: value for name, value in answer.items() if name not in NOT_FIGURES}


@pytest.fixture(scope="module")
def current(stack: Stack) -> Iterator[CurrentState]:
    """A database of its own for the tests of a module."""
    loop = asyncio.new_event_loop()
    resources = AsyncExitStack()

    async def prepare() -> tuple[Units, Any]:
        name = await resources.enter_async_context(databases.cloned(stack.admin_url, "reporting"))
        engine = create_engine(databases.app_url(stack.admin_url, "reporting", name), application="test")
        resources.push_async_callback(engine.dispose)
        owner = await asyncpg.connect(databases.superuser_url(stack.admin_url, name))
        resources.push_async_callback(owner.close)
        return Units("reporting", engine, SystemClock(), SystemIds()), owner

    try:
        yield CurrentState(loop, *loop.run_until_complete(prepare()))
    finally:
        loop.run_until_complete(resources.aclose())
        loop.close()
