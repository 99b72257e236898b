"""Progress bars of the demo: one line a step, quiet where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Step(Protocol):
    """A step that knows how much of it is done."""

    def advance(self, by: int = 1) -> None: ...


class Steps:
    """Shows every step with its bar; without a terminal prints one line when a step is done."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description:<34}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    @contextmanager
    def shown(self) -> Iterator[Steps]:
        with self._bars:
            yield self

    @contextmanager
    def step(self, name: str, total: int) -> Iterator[Step]:
        """One step with that many parts."""
        began = time.monotonic()
        task = self._bars.add_task(name, total=total)
        yield _Task(self._bars, task)
        self._bars.update(task, completed=total)
        if not self._console.is_terminal:
            self._console.print(f"{name:<34} {total:>6}   {time.monotonic() - began:.1f} s")


class _Task:
    def __init__(self, bars: Progress, task: TaskID) -> None:
        self._bars = bars
        self._task = task

    def advance(self, by: int = 1) -> None:
        self._bars.advance(self._task, by)
