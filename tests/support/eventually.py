"""Waiting for what other parts bring about: one probe, one deadline, and a failure that says what was seen last."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")
PAUSE_SECONDS = 0.05


async def eventually(
    probe: Callable[[], Awaitable[T]] | Callable[[], T],
    *,
    within: float = 20.0,
    until: Callable[[T], object] = bool,
    what: str = "",
) -> T:
    """The probe's first value that `until` accepts (default: any true one).

    An AssertionError in the probe counts as "not yet". Fails after `within` seconds with the last value or assertion.
    """
    deadline = time.monotonic() + within
    while True:
        try:
            value = await _ask(probe)
            if until(value):
                return cast(T, value)
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
