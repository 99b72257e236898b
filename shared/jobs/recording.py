"""Writing down what became of one thing after another, while the next one is under way."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

UNWRITTEN: Final = 8
"""So many at most are done and not written down: as many would be done once more if the process died."""

T = TypeVar("T")


class Recording(Generic[T]):
    """The first is written down at once, and what comes meanwhile together afterwards: one call of `write` at a time.

    Whoever is stopped while it waits here stops no writing.
    """

    def __init__(self, write: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._write = write
        self._unwritten: list[T] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, item: T) -> None:
        """Returns at once, unless too many are unwritten. Raises what writing raised."""
        self._unwritten.append(item)
        if self._writing is None or self._writing.done():
            if self._writing is not None:
                self._writing.result()  # not awaited: whoever is stopped there would leave the item behind
            self._writing = asyncio.create_task(self._write_all())
        elif len(self._unwritten) >= UNWRITTEN:
            await self.close()

    async def __aenter__(self) -> "Recording[T]":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Waits until everything is written down. Raises what writing raised."""
        if self._writing is not None:
            await asyncio.wait({self._writing})
            self._writing.result()

    async def _write_all(self) -> None:
        while self._unwritten:
            some = list(self._unwritten)
            await self._write(some)
            del self._unwritten[: len(some)]
