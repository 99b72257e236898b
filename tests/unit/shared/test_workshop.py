"""Tasks in processes of their own: their results, their limits, and no process left."""

import asyncio
import os
import signal

import pytest

from infra.local.state import ProcessMark
from shared.web.problems import FieldError, Problem, invalid
from shared.workshop import WorkerEnded, Workshop
from tests.support.eventually import eventually


def own_pid() -> int:
    return os.getpid()


def refuse() -> None:
    raise invalid(FieldError("/file", "empty", "Filen är tom.", "The file is empty."))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wait_for_ever() -> None:
    signal.pause()


def take(megabytes: int) -> int:
    return len(bytes(megabytes * 1_000_000))


async def test_a_task_runs_beside_this_process_and_the_next_one_in_the_same() -> None:
    workshop = Workshop()
    first, second = await workshop.run(own_pid), await workshop.run(own_pid)
    assert first == second != os.getpid()
    workshop.close()
    mark = ProcessMark.of(first)
    assert mark is None or not mark.alive


async def test_what_a_task_raises_is_raised_here_with_its_place_there() -> None:
    workshop = Workshop()
    with pytest.raises(Problem) as raised:
        await workshop.run(refuse)
    assert raised.value.errors[0].sv == "Filen är tom."
    assert "in refuse" in raised.value.__notes__[0]
    workshop.close()


async def test_a_process_that_is_killed_is_replaced() -> None:
    workshop = Workshop()
    with pytest.raises(WorkerEnded):
        await workshop.run(die)
    assert await workshop.run(take, 1) == 1_000_000
    workshop.close()


async def test_a_task_beyond_its_memory_ends_and_the_next_one_has_its_own() -> None:
    workshop = Workshop(memory_bytes=100_000_000)
    before = await workshop.run(own_pid)
    with pytest.raises(MemoryError):
        await workshop.run(take, 500)
    assert await workshop.run(own_pid) != before
    workshop.close()


async def test_a_task_beyond_its_time_is_killed() -> None:
    workshop = Workshop(seconds=0.2)
    with pytest.raises(TimeoutError):
        await workshop.run(wait_for_ever)


async def test_a_task_that_nobody_waits_for_any_more_is_killed() -> None:
    workshop = Workshop()
    pid = await workshop.run(own_pid)
    mark = ProcessMark.of(pid)
    assert mark is not None
    waiting = asyncio.create_task(workshop.run(wait_for_ever))
    await eventually(lambda: not workshop._idle, what="the task has begun")
    waiting.cancel()
    await eventually(lambda: not mark.alive, what="its process has ended")


async def test_only_so_many_wait_and_the_others_are_told_to_come_again() -> None:
    workshop = Workshop(waiting=1)
    tasks = [asyncio.create_task(workshop.run(wait_for_ever)) for _ in range(2)]
    await eventually(lambda: workshop._wanted == 2, what="one runs, one waits")
    with pytest.raises(Problem) as refused:
        await workshop.run(own_pid)
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "10")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
