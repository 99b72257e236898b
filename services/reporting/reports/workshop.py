"""Computing and typesetting take seconds of processor time: they run in a process of their own, beside the event
loop.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final, ParamSpec, TypeVar

from fastapi import FastAPI

P = ParamSpec("P")
R = TypeVar("R")
IDLE_SECONDS: Final = 60.0


class Workshop:
    """A process pool that begins with a task and ends with the service, or when idle."""

    def __init__(self, workers: int = 1) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._busy = 0
        self._used_at = 0.0

    async def run(self, task: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The result of a module-level function. Raises BrokenProcessPool when its process was killed."""
        assert not kwargs
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")  # a fork would copy connections and locks of the event loop
            self._pool = ProcessPoolExecutor(self._workers, spawn, initializer=_end_with_parent)
        loop = asyncio.get_running_loop()
        self._busy += 1
        try:
            return await loop.run_in_executor(self._pool, task, *args)
        except BrokenProcessPool:
            self.close()
            raise
        finally:
            self._busy -= 1
            self._used_at = loop.time()

    def rest(self) -> None:
        """Gives the memory of an idle pool back."""
        if (
            self._pool is not None
            and not self._busy
            and asyncio.get_running_loop().time() > self._used_at + IDLE_SECONDS
        ):
            self.close()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    @contextlib.asynccontextmanager
    async def running(self, app: FastAPI) -> AsyncIterator[None]:
        """The pool for as long as the application runs."""
        app.state.workshop = self
        try:
            yield
        finally:
            self.close()


def _end_with_parent() -> None:
    """A worker ends when the service does, also after SIGKILL; Ctrl-C is the service's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
