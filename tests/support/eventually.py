"""Waiting for what other parts bring about: one probe, one deadline, and a failure that says what was seen last."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
PAUSE_SECONDS = 0.05


@overload
async def eventually(
    probe: Callable[[], Awaitable[T]], *, within: float = ..., until: Callable[[T], object] = ..., what: str = ...
) -> T: ...
@overload
async def eventually(
    probe: Callable[[], T], *, within: float = ..., until: Callable[[T], object] = ..., what: str = ...
) -> T: ...
async def eventually(
    probe: Callable[[], Any], *, within: float = 20.0, until: Callable[[Any], object] = bool, what: str = ""
) -> Any:
    """The probe's first value that `until` accepts (default: any true one). The probe may be a coroutine function.

    An AssertionError in the probe counts as "not yet". Fails after `within` seconds with the last value or assertion.
    """
    deadline = time.monotonic() + within
    while True:
        try:
            value = await _ask(probe)
            if until(value):
                return value
            seen = repr(value)
        except AssertionError as failed:
            seen = f"assertion: {failed}"
        if time.monotonic() > deadline:
            name = what or getattr(probe, "__qualname__", repr(probe))
            raise AssertionError(f"not within {within:g} s: {name}; last seen: {seen}")
        await asyncio.sleep(PAUSE_SECONDS)


async def _ask(probe: Callable[[], Any]) -> Any:
    value = probe()
    return await value if inspect.isawaitable(value) else value


async def turns(count: int) -> None:
    """Lets the other tasks take so many steps."""
    for _ in range(count):
        await asyncio.sleep(0)
