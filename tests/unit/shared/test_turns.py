"""Long work does not keep the others waiting."""

import asyncio
from collections import deque

import pytest

from shared import turns
from shared.turns import in_turns
from tests.support.eventually import turns as steps


async def with_another(things: int) -> list[str]:
    """What this task and another, which is always ready, do one after the other."""
    done: list[str] = []

    async def another() -> None:
        while True:
            done.append("another")
            await steps(1)

    beside = asyncio.create_task(another())
    async for thing in in_turns(range(things)):
        done.append(str(thing))
    beside.cancel()
    return done


async def test_others_have_a_turn_after_every_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    now = deque([0.0, 0.001, 0.003, 0.003, 0.004, 0.006, 0.006])
    monkeypatch.setattr("shared.turns.time.perf_counter", now.popleft)
    assert await with_another(4) == ["0", "1", "another", "2", "3", "another"]


async def test_and_work_that_is_short_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "SLICE_SECONDS", 60.0)
    assert await with_another(3) == ["0", "1", "2"]
