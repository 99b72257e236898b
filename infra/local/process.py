"""A program of the stack as a child process that dies with its parent, whatever kills the parent."""

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

from infra.local.errors import StackError

PR_SET_PDEATHSIG = 1
PORT_ATTEMPTS = 100
_libc = ctypes.CDLL(None, use_errno=True)
_given: set[int] = set()


@dataclass(frozen=True)
class Account:
    """The system account that a program runs as (only root can choose one)."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    """What to run, as whom, where it logs, how it is told to end, and how one sees that it works."""

    name: str
    argv: tuple[str, ...]
    log: Path
    ready: Callable[[], Awaitable[bool]]
    env: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    pass_fds: tuple[int, ...] = ()
    start_seconds: float = 60.0


def spawn(program: Program) -> "subprocess.Popen[bytes]":
    """Starts the program. Call it from a thread that lives on: the kernel binds the child to that thread."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    account = program.account
    with program.log.open("ab") as log:
        return subprocess.Popen(
            program.argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **program.env},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_bind_to_parent(program.stop_signal),
            pass_fds=program.pass_fds,
            start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor only, which stops all in order
            cwd="/" if account else None,
        )


def _bind_to_parent(stop_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def bind() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # the parent died before the binding
            os._exit(1)

    return bind


async def until_ready(program: Program, process: "subprocess.Popen[bytes]") -> None:
    """Waits until the program works. Raises `StackError` when it ends before or takes too long."""
    give_up = time.monotonic() + program.start_seconds
    while not await program.ready():
        if process.poll() is not None:
            raise StackError(failure(program, f"ended at once with code {process.returncode}"))
        if time.monotonic() > give_up:
            raise StackError(failure(program, f"did not answer within {program.start_seconds:.0f} s"))
        await asyncio.sleep(0.05)


def failure(program: Program, what: str) -> str:
    """A message with the end of the program's log and, where the log names a known cause, what to do."""
    tail = _tail(program.log)
    advice = _advice(tail)
    return f"{program.name} {what}.{advice}\nThe end of its log {program.log}:\n{tail}"


def _tail(log: Path, lines: int = 12) -> str:
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    return "\n".join(f"  | {line}" for line in text.splitlines()[-lines:])


def _advice(tail: str) -> str:
    if "No space left on device" in tail:
        return " The disk is full: free space, then start again; nothing that was answered is lost."
    if "Address already in use" in tail or "Address in use" in tail:
        return " Another program took its port meanwhile: start again."
    return ""


def stop(process: "subprocess.Popen[bytes]", stop_signal: signal.Signals, seconds: float) -> None:
    """Asks the process to end, kills it when it does not within `seconds`."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port(preferred: int = 0) -> int:
    """`preferred` when nobody listens on it, otherwise a free port of 127.0.0.1 that nobody here was given before: a
    broker takes seconds before it listens.
    """
    for port in (preferred, *repeat(0, PORT_ATTEMPTS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found = int(probe.getsockname()[1])
        if port or found not in _given:
            _given.add(found)
            return found
    raise StackError("This machine gives no free port on 127.0.0.1.")


def leave_ports(ports: Iterable[int]) -> None:
    """These are another process's to give: each knows only what it gave itself."""
    _given.update(ports)


async def http_get(port: int, path: str) -> tuple[int, str]:
    """Status and body of `GET path` on this machine; status 0 when nobody answers."""
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
                head, _, body = (await reader.read()).partition(b"\r\n\r\n")
                return int(head.split()[1]), body.decode("utf-8", "replace")
            finally:
                writer.close()
    except (OSError, TimeoutError, IndexError):
        return 0, ""


async def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody accepts connections there."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
