"""Programs of the stack end with their supervisor, whatever ends it."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from infra.local.errors import StackError
from infra.local.process import Program, spawn, until_ready
from infra.local.state import ProcessMark
from infra.local.supervisor import Supervisor
from tests.support.eventually import eventually

SLEEPER = (sys.executable, "-c", "import signal; signal.pause()")

PARENT = f"""
import asyncio, signal, sys
from pathlib import Path
from infra.local.process import Program, spawn

async def ready() -> bool:
    return True

print(spawn(Program("child", {SLEEPER!r}, Path(sys.argv[1]), ready)).pid, flush=True)
signal.pause()
"""


NOTES_ITS_END = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # one that comes at once waits until it is waited for
print("up", flush=True)
signal.sigwait({signal.SIGINT})
open(sys.argv[1], "a").write(sys.argv[2])
"""


async def at_once() -> bool:
    return True


async def never() -> bool:
    return False


def program(folder: Path, *argv: str, name: str = "child") -> Program:
    return Program(name, argv or SLEEPER, folder / f"{name}.log", at_once)


async def test_a_child_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = ProcessMark.of(int(parent.stdout.readline()))
        assert child is not None
        parent.kill()
    await eventually(lambda: not child.alive, what="the child has ended")


async def test_what_ends_by_itself_is_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(on_change=lambda: None, say=said.append)
    await supervisor.start(program(tmp_path))
    first = supervisor.children[0].process
    os.kill(first.pid, signal.SIGKILL)
    await eventually(lambda: first.poll() is not None)
    await supervisor.look()
    assert supervisor.children[0].process.pid != first.pid
    assert said == ["child ended with code -9: starting it again"]
    await supervisor.stop()


async def test_what_keeps_ending_is_given_up_with_the_end_of_its_log(tmp_path: Path) -> None:
    supervisor = Supervisor(on_change=lambda: None, say=lambda line: None)
    supervisor.spawn(program(tmp_path, sys.executable, "-c", "raise SystemExit('no such database')"))

    async def given_up() -> StackError | None:
        try:
            await supervisor.look()
        except StackError as error:
            return error
        return None

    error = await eventually(given_up, within=30)
    assert "ended 6 times within 300 s" in str(error)
    assert "| no such database" in str(error)


async def test_services_are_stopped_before_what_they_use(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    supervisor = Supervisor(on_change=lambda: None, say=lambda line: None)
    for name in ("database", "serve 0", "broker"):
        argv = (sys.executable, "-c", NOTES_ITS_END, str(ended), f"{name},")
        log = tmp_path / f"{name}.log"
        await supervisor.start(Program(name, argv, log, partial(says_up, log), stop_signal=signal.SIGINT))
    await supervisor.stop()
    assert ended.read_text("utf-8") == "serve 0,broker,database,"


async def says_up(log: Path) -> bool:
    return log.exists() and "up" in log.read_text("utf-8")


async def test_a_program_that_ends_at_once_is_explained(tmp_path: Path) -> None:
    argv = (sys.executable, "-c", "raise OSError(28, 'No space left on device')")
    failing = Program("Kafka", argv, tmp_path / "kafka.log", never)
    with pytest.raises(StackError, match="The disk is full: free space"):
        await until_ready(failing, spawn(failing))
