"""What the steps of the demo share: the plan, the book, the actors, and the ids that the services gave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from infra.demo.actors import Coordinator, Municipality
from infra.demo.book import Book
from infra.demo.cast import Cast
from infra.demo.plan import Fortnight, Year
from infra.demo.progress import Steps

T = TypeVar("T")
# Requests under way at once: enough to keep two processors busy, too few to pile up.
AT_ONCE = 6


@dataclass(frozen=True)
class Member:
    """A staff row as booking knows it."""

    staff_id: UUID
    participant_id: UUID


@dataclass
class Stage:
    """One run of the demo."""

    year: Year
    book: Book
    cast: Cast
    steps: Steps
    trainers: dict[str, UUID] = field(default_factory=dict)
    staff: dict[str, Member] = field(default_factory=dict)
    # An earlier run entered this very plan, or began to.
    repeated: bool = False
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    # The stack's mails can be read here: who acts by a link or a code out of one takes part.
    reads_mails: bool = True
    # What goes on around today, once it is entered.
    fortnight: Fortnight | None = None

    def dated(self, moment: datetime) -> datetime | None:
        """The time to enter an act with: what was planned for the past is dated, all else happens now."""
        return moment if moment < self.began else None

    def booker(self, staff: str, moment: datetime) -> Coordinator | Municipality:
        """Who books this person: the office what has happened, the municipality what happens now."""
        if self.dated(moment):
            return self.cast.coordinator
        return self.cast.municipality(self.year.staff[staff].municipality)

    def key(self, *parts: object) -> str:
        """An idempotency key: the same in every run of the same plan, so that a second run changes nothing."""
        return "/".join(("kursnav-demo", self.year.size.name, str(self.year.seed), *(str(part) for part in parts)))


async def settle(stage: Stage, step_name: str) -> None:
    """Waits until everything written has arrived everywhere."""
    with stage.steps.step(step_name, 1):
        await stage.cast.settle()


async def each(items: Iterable[T], act: Callable[[T], Awaitable[None]]) -> None:
    """Acts on every item, some at once. The first failure stops the others."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> None:
        async with gate:
            await act(item)

    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(one(item))
