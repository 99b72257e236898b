"""`kursnav up`: the stack in the foreground until Ctrl-C, or detached."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.markup import escape

from infra.commands.console import console
from infra.local import identity, state
from infra.local.errors import StackError
from infra.local.stack import Stack, kursnav
from infra.local.state import StackState
from infra.settings import StackSettings, command, data_folder

REPORT_VARIABLE = "KURSNAV_REPORT_FD"  # the pipe on which a detached supervisor tells its starter how it goes
Say = Callable[[str], None]


def foreground() -> None:
    """Runs the stack until Ctrl-C or `kursnav down`."""
    data = data_folder()
    report = os.environ.pop(REPORT_VARIABLE, None)
    say = _reporter(int(report)) if report else _printer()
    if (running := state.running(data)) is not None:
        raise StackError(f"kursnav runs already at {running.origin} (process {running.supervisor.pid}).")
    os.environ.setdefault("KURSNAV_ENVIRONMENT", "development")
    try:
        asyncio.run(_run(Stack(data, StackSettings.from_environment(), say), say, attached=report is None))
    except StackError as error:
        if report:
            say(f"failed: {error}")
        raise


async def _run(stack: Stack, say: Say, *, attached: bool) -> None:
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked_to_stop.set)
    stop_wanted = asyncio.create_task(asked_to_stop.wait())
    try:
        work = asyncio.create_task(_serve(stack, say, attached))
        await asyncio.wait({work, stop_wanted}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
        else:
            work.cancel()
            say("stopping")
    finally:
        stop_wanted.cancel()
        await stack.stop()


async def _serve(stack: Stack, say: Say, attached: bool) -> None:
    began = time.monotonic()
    addresses = await stack.start()
    say(f"ready after {time.monotonic() - began:.1f} s")
    if attached:
        console.print(summary(addresses.origin, stack.data))
        console.print("Ctrl-C stops it.")
    await stack.supervisor.watch()


def detached() -> None:
    """Starts the stack in the background if it does not run, follows its start, and returns when it answers."""
    began = ensure_running()
    running = state.running(data_folder())
    assert running is not None, "ensure_running returned"
    console.print(summary(running.origin, data_folder()))
    console.print("It runs in the background (started just now)." if began else "It ran already.")
    console.print(f"Stop it: {command()} down (or make down). Delete its data: {command()} reset")


def ensure_running() -> bool:
    """Whether the stack had to be started; when this returns it answers. Raises `StackError`."""
    data = data_folder()
    running = state.running(data)
    if running is not None:
        _await_ready(data, running)
        return False
    read, write = os.pipe()
    (data / "log").mkdir(parents=True, exist_ok=True)
    with (data / "log" / "supervisor.log").open("ab") as log:
        child = subprocess.Popen(
            kursnav("up"),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, REPORT_VARIABLE: str(write), "PYTHONUNBUFFERED": "1"},
            pass_fds=(write,),
            start_new_session=True,
        )
    os.close(write)
    try:
        _follow(read, child)
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise
    return True


def _follow(read: int, child: "subprocess.Popen[bytes]") -> None:
    """Prints the supervisor's lines until it is ready. Raises `StackError` with its message when it fails."""
    say = _printer()
    with os.fdopen(read, encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line)
            if text.startswith("failed: "):
                child.wait()
                raise StackError(text.removeprefix("failed: "))
            say(text)
            if text.startswith("ready "):
                return
    raise StackError(f"The stack ended while it started; see {data_folder() / 'log' / 'supervisor.log'}.")


def _await_ready(data: Path, running: StackState) -> None:
    give_up = time.monotonic() + 120
    while not running.ready:
        if time.monotonic() > give_up:
            raise StackError(
                "The stack is starting since two minutes: see kursnav status, or stop it with kursnav down."
            )
        time.sleep(0.2)
        latest = state.running(data)
        if latest is None:
            raise StackError(f"The stack ended while it started; see {data / 'log' / 'supervisor.log'}.")
        running = latest


def _printer() -> Say:
    return lambda line: console.print(f"[dim]{time.strftime('%H:%M:%S')}[/dim] {escape(line)}")


def _reporter(descriptor: int) -> Say:
    """Writes lines to the starter as JSON while it listens, and to the log."""
    pipe = os.fdopen(descriptor, "w", encoding="utf-8")

    def say(line: str) -> None:
        sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
        sys.stdout.flush()
        if pipe.closed:
            return
        try:
            pipe.write(json.dumps(line) + "\n")
            pipe.flush()
        except BrokenPipeError:  # the starter was interrupted
            pipe.close()
        if line.startswith("ready "):
            pipe.close()

    return say


def summary(origin: str, data: Path) -> str:
    """Addresses and demo users, as rich markup."""
    users = "\n".join(
        f"  {user.username:<12} {user.role:<13} {user.municipality or '':<5} {user.name}"
        for user in identity.DEMO_USERS
    )
    return (
        f"\n[bold]kursnav runs at {origin}[/bold]\n"
        f"  pages               {origin}/   (sign in as any of the users below)\n"
        f"  API documentation   {origin}/booking/docs   (likewise /attendance/docs, /reporting/docs)\n"
        f"  caught mails        {origin}/dev/mail\n"
        f"  data and logs       {data}\n\n"
        f"Demo users (password {identity.PASSWORD}; username, role, municipality, name)\n{users}\n"
        f"A token for any role:  {command()} token --role municipality --municipality 1884"
    )
