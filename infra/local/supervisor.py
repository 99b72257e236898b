"""Keeps the stack's programs running: starts them, starts again what ends by itself, stops them in reverse order."""

import asyncio
import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from infra.local.errors import StackError
from infra.local.process import Program, failure, spawn, stop, until_ready
from infra.local.state import ProcessMark

LOOK_EVERY_SECONDS = 0.25
STOP_SECONDS = 20.0
RESTARTS = 5  # of one program within RESTART_WINDOW_SECONDS: more is a fault that starting again does not cure
RESTART_WINDOW_SECONDS = 300.0


@dataclass
class Child:
    """A running program."""

    program: Program
    process: "subprocess.Popen[bytes]"
    restarts: deque[float]


class Supervisor:
    """The children of this process. Use it from the main thread only: the kernel binds children to their thread."""

    def __init__(self, on_change: Callable[[], None], say: Callable[[str], None]) -> None:
        self.children: list[Child] = []
        self.on_change = on_change
        self.say = say

    async def start(self, program: Program) -> None:
        """Starts a program and waits until it works. Raises `StackError`."""
        self.spawn(program)
        await self.until_ready(program)

    def spawn(self, program: Program) -> None:
        """Starts a program without waiting for it."""
        self.children.append(Child(program, spawn(program), deque(maxlen=RESTARTS)))
        self.on_change()

    async def until_ready(self, program: Program) -> None:
        """Waits until a started program works. Raises `StackError`."""
        process = next(child.process for child in self.children if child.program is program)
        await until_ready(program, process)

    def marks(self) -> dict[str, ProcessMark]:
        """The living children by name."""
        marks = {child.program.name: ProcessMark.of(child.process.pid) for child in self.children}
        return {name: mark for name, mark in marks.items() if mark is not None}

    async def watch(self) -> None:
        """Runs until cancelled. Raises `StackError` when a program keeps ending."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Starts again what has ended. Raises `StackError` when a program keeps ending."""
        for child in self.children:
            if child.process.poll() is not None:
                self._restart(child)

    def _restart(self, child: Child) -> None:
        now = time.monotonic()
        if len(child.restarts) == RESTARTS and now - child.restarts[0] < RESTART_WINDOW_SECONDS:
            raise StackError(
                failure(child.program, f"ended {RESTARTS + 1} times within {RESTART_WINDOW_SECONDS:.0f} s")
            )
        child.restarts.append(now)
        self.say(f"{child.program.name} ended with code {child.process.returncode}: starting it again")
        child.process = spawn(child.program)
        self.on_change()

    async def stop(self) -> None:
        """Stops the services together, then the rest one by one, last started first."""
        services = [child for child in self.children if child.program.name.startswith("serve")]
        for child in services:
            if child.process.poll() is None:
                child.process.send_signal(child.program.stop_signal)
        others = [child for child in reversed(self.children) if child not in services]
        for child in [*services, *others]:
            await asyncio.to_thread(stop, child.process, child.program.stop_signal, STOP_SECONDS)
        self.children.clear()
