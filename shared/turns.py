"""Long work in which others have their turn: a process answers requests beside what follows from them."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import Final, TypeVar

T = TypeVar("T")

SLICE_SECONDS: Final = 0.002
"""A booking has half a dozen round trips: behind each of them it may find this task at work."""


async def in_turns(things: Iterable[T]) -> AsyncIterator[T]:
    """Each of many things in order; between two of them, once a slice is used up, everybody else has a turn."""
    began = time.perf_counter()
    for thing in things:
        yield thing
        if time.perf_counter() - began > SLICE_SECONDS:
            await asyncio.sleep(0)
            began = time.perf_counter()
