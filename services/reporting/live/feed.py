"""The figures of the running year, counted once for everybody who listens, and only while somebody does.

A state is known by the digest of its figures, so that a listener who comes back to another process is understood there
too: a state that the process has seen is answered by what changed since, any other by everything.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import structlog
from fastapi import FastAPI

from services.reporting.figures.asking import Question, counting
from services.reporting.figures.figures import cut_off_now, figures
from services.reporting.figures.paths import numbers
from shared.clock import local_day
from shared.database.unit_of_work import Units

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 0.5
HEARTBEAT_SECONDS: Final = 15.0  # a proxy closes what says nothing
LASTS_SECONDS: Final = 300.0  # then the browser comes again, and is admitted again
MOST_LISTENERS: Final = 1_000
REMEMBERED: Final = 64


@dataclass(frozen=True, slots=True)
class State:
    """Every figure by its path, and the digest of them all."""

    id: str
    figures: Mapping[str, Any]


class Feed:
    """What a process tells its listeners."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, State] = OrderedDict()
        self._now: State | None = None
        self._counted_at: Any = None
        self._messages: dict[tuple[str | None, str], bytes] = {}
        self._listeners = 0
        self._somebody = asyncio.Event()
        self._news = asyncio.Condition()
        self._ended = False

    @property
    def is_full(self) -> bool:
        return self._listeners >= MOST_LISTENERS

    @asynccontextmanager
    async def running(self, app: FastAPI) -> AsyncIterator[None]:
        """A resource of the service: counts while the application runs."""
        app.state.feed = self
        task = asyncio.create_task(self._follow(app), name="live-figures")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def listen(self, known: str | None) -> AsyncIterator[bytes]:
        """What is told to one listener, who has the state `known` already. Ends after a while, and with the process."""
        until = time.monotonic() + LASTS_SECONDS
        self._listeners += 1
        self._somebody.set()
        try:
            while not self._ended and (left := until - time.monotonic()) > 0:
                state = await self._after(known, within=min(HEARTBEAT_SECONDS, left))
                yield b": still here\n\n" if state is None else self._message(known, state)
                known = state.id if state else known
        finally:
            self._listeners -= 1
            if not self._listeners:  # whoever comes next is not told what was then
                self._somebody.clear()
                self._now = None

    async def _after(self, known: str | None, *, within: float) -> State | None:
        """The state that is not the known one, as soon as there is one; None when nothing happens."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(lambda: self._ended or (self._now is not None and self._now.id != known))
                return None if self._ended else self._now
        return None

    def _message(self, known: str | None, state: State) -> bytes:
        """The same bytes for everybody who knows the same."""
        place = (known if known in self._seen else None, state.id)
        if place not in self._messages:
            before = self._seen[place[0]].figures if place[0] else {}
            changed = {
                path: value for path, value in state.figures.items() if path not in before or before[path] != value
            }
            gone: dict[str, Any] = dict.fromkeys(before.keys() - state.figures.keys())
            data = json.dumps(changed | gone, ensure_ascii=False, separators=(",", ":"))
            self._messages[place] = f"event: figures\nid: {state.id}\ndata: {data}\n\n".encode()
        return self._messages[place]

    async def _follow(self, app: FastAPI) -> None:
        while not app.state.service.closing.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._somebody.wait()
            if self._listeners:
                try:
                    await self._look(app.state.units)
                except Exception as error:  # the database is away, say: the next look finds it again
                    log.warning("live_figures_not_counted", error=type(error).__name__)
                await asyncio.sleep(EVERY_SECONDS)
        async with self._news:
            self._ended = True
            self._news.notify_all()

    async def _look(self, units: Units) -> None:
        """Counts again when something has arrived since."""
        async with units.system() as unit:
            at, today = await counting(unit), local_day(unit.clock.now())
            moment = (at, today, await cut_off_now(unit))  # first: what comes between is counted again
            if moment == self._counted_at and self._now is not None:
                return
            found = await figures(unit, at, year_of(today))
        self._counted_at = moment
        await self._tell(state_of(found))

    async def _tell(self, state: State) -> None:
        self._seen[state.id] = state
        self._seen.move_to_end(state.id)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        async with self._news:
            if self._now is None or self._now.id != state.id:
                self._now = state
                self._messages.clear()
                self._news.notify_all()


def year_of(day: date) -> Question:
    """The whole year, as `GET /v1/figures` is asked for it: a part of a month that is rounded as a whole has nothing
    claimable to tell.
    """
    return Question(day.replace(month=1, day=1), day.replace(month=12, day=31))


def state_of(found: Mapping[str, Any]) -> State:
    """The figures by their paths, without what says only how old they are."""
    flat = dict(numbers(found))
    digest = hashlib.sha256(json.dumps(flat, sort_keys=True).encode()).hexdigest()
    return State(digest[:32], flat)
