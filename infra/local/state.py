"""What is known of the running stack on disk: its supervisor, its children and its addresses (`.data/stack.json`)."""

import json
import os
import signal
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from infra.local.secrets import write_own


@dataclass(frozen=True)
class ProcessMark:
    """A process id with its start time: a number that another process got later is not mistaken for it."""

    pid: int
    started: int  # clock ticks after boot

    @classmethod
    def of(cls, pid: int) -> "ProcessMark | None":
        """The mark of a living process."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else cls(pid, int(fields[19]))

    @property
    def alive(self) -> bool:
        return ProcessMark.of(self.pid) == self


@dataclass
class StackState:
    """The stack as its supervisor last wrote it."""

    supervisor: ProcessMark
    port: int
    bootstrap_servers: str = ""
    admin_url: str = ""
    smtp: str = ""
    ready: bool = False
    started_at: float = field(default_factory=time.time)
    children: dict[str, ProcessMark] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def path_of(data: Path) -> Path:
    return data / "stack.json"


def write(data: Path, state: StackState) -> None:
    write_own(path_of(data), asdict(state))


def read(data: Path) -> StackState | None:
    """The last state, of a living or dead supervisor."""
    try:
        values = json.loads(path_of(data).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    values["supervisor"] = ProcessMark(**values["supervisor"])
    values["children"] = {name: ProcessMark(**mark) for name, mark in values["children"].items()}
    return StackState(**values)


def running(data: Path) -> StackState | None:
    """The state of the stack that runs now, if one does."""
    state = read(data)
    return state if state is not None and state.supervisor.alive else None


def remove(data: Path) -> None:
    path_of(data).unlink(missing_ok=True)


def wait_for_end(marks: list[ProcessMark], seconds: float) -> None:
    """Waits until processes of a supervisor that was killed have ended (the kernel told them to), else kills them."""
    give_up = time.monotonic() + seconds
    while any(mark.alive for mark in marks) and time.monotonic() < give_up:
        time.sleep(0.1)
    for mark in marks:
        if mark.alive:
            os.kill(mark.pid, signal.SIGKILL)
