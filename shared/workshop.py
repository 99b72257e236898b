"""Work that takes seconds of processor time, or that a hostile file could make endless, runs in processes of its own
beside the event loop.
"""

import asyncio
import contextlib
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import AsyncIterator, Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from fastapi import FastAPI

from shared import collector
from shared.observability.logging import trace_of
from shared.web.problems import busy

P = ParamSpec("P")
R = TypeVar("R")
IDLE_SECONDS: Final = 60.0


class WorkerEnded(Exception):
    """The process ended before its task: it was killed, or it crashed."""


class Workshop:
    """Processes that begin with a task and end with the service, or when idle.

    A process that takes longer than `seconds` is killed and the next task gets another one; with `memory_bytes` it may
    map that much beside what an idle one maps. At most `waiting` tasks wait.
    """

    def __init__(
        self, workers: int = 1, *, waiting: int = 100, seconds: float = 600.0, memory_bytes: int | None = None
    ) -> None:
        self._seconds, self._memory_bytes = seconds, memory_bytes
        self._turns = asyncio.Semaphore(workers)
        self._most = workers + waiting
        self._wanted = 0
        self._idle: list[_Worker] = []
        self._resting: asyncio.TimerHandle | None = None

    async def run(self, task: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The result of a module-level function, or what it raises. Raises WorkerEnded, TimeoutError and MemoryError
        when its process met a limit, 503 when too many tasks wait.
        """
        assert not kwargs
        if self._wanted >= self._most:
            raise busy(
                "Många filer och rapporter bearbetas just nu. Försök igen om en stund.",
                "Many files and reports are being worked on. Try again in a moment.",
                seconds=10,
            )
        self._wanted += 1
        try:
            async with self._turns:
                result: R = await self._run(task, args)
                return result
        finally:
            self._wanted -= 1

    async def _run(self, task: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        worker = self._idle.pop() if self._idle else _Worker(self._memory_bytes)
        kept = False
        try:
            result, error = await asyncio.to_thread(worker.call, task, args, self._seconds)
            kept = not isinstance(error, MemoryError)
        finally:
            if kept:
                self._rest(worker)
            else:  # it has ended or met a limit, or nobody waits any more
                worker.kill()
        if error is not None:
            raise error
        return result

    def _rest(self, worker: "_Worker") -> None:
        """Keeps a worker for the next task, for a while."""
        self._idle.append(worker)
        if self._resting is not None:
            self._resting.cancel()
        self._resting = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.close)

    def close(self) -> None:
        """Ends the workers that are idle, and gives their memory back."""
        while self._idle:
            self._idle.pop().kill()

    @contextlib.asynccontextmanager
    async def running(self, _: FastAPI) -> AsyncIterator[None]:
        """The processes for as long as the application runs."""
        try:
            yield
        finally:
            self.close()
            if self._resting is not None:
                self._resting.cancel()


class _Worker:
    """One process, which takes one task after the other."""

    def __init__(self, memory_bytes: int | None) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy connections and locks of the event loop
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, memory_bytes), daemon=True)
        self._process.start()
        theirs.close()

    def call(self, task: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> tuple[Any, Exception | None]:
        """What the task returned or raised; runs in a thread, which ends with the process."""
        try:
            self._pipe.send((task, args))
            if not self._pipe.poll(seconds):
                raise TimeoutError(f"a task took more than {seconds:g} s")
            outcome: tuple[Any, Exception | None] = self._pipe.recv()
        except (EOFError, ConnectionError) as error:
            raise WorkerEnded from error
        return outcome

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


def _work(pipe: Connection, memory_bytes: int | None) -> None:
    """The worker's life: tasks until the service closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    collector.relax()  # a report is 40,000 objects that stay until it is done: a third of its processor time
    if memory_bytes is not None:
        most = _mapped_bytes() + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    with contextlib.suppress(EOFError):
        while True:
            outcome = _outcome(*pipe.recv())
            try:
                pipe.send(outcome)
            except MemoryError as error:
                pipe.send((None, error))


def _outcome(task: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    try:
        return task(*args), None
    except Exception as error:
        error.add_note(trace_of(error))
        return None, error


def _mapped_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _end_with_parent() -> None:
    """A worker ends when the service does, also after SIGKILL and in the middle of a task."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
