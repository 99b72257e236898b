"""Who holds a port: for the message that says so."""

import os
import re
import socket
from contextlib import suppress
from pathlib import Path

from infra.local.errors import StackError

LISTEN = "0A"


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """The listening socket that all serve processes inherit. Raises `StackError` naming who holds the port."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except PermissionError as error:
        raise StackError(f"Ports below 1024 need root: choose another one than {port} with KURSNAV_PORT.") from error
    except OSError as error:
        raise StackError(_in_use(port)) from error
    listener.listen(2048)
    listener.set_inheritable(True)
    return listener


def _in_use(port: int) -> str:
    holder = holder_of(port)
    who = f"by process {holder}" if holder else "by another program"
    return f"Port {port} is in use {who}.\nEnd that one, or choose another port: KURSNAV_PORT={port + 1} kursnav up"


def holder_of(port: int) -> str | None:
    """`pid (command)` of the process that listens on the port, if this user may see it."""
    inodes = {inode for table in ("tcp", "tcp6") for inode in _listening_inodes(Path(f"/proc/net/{table}"), port)}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile, or of another user
            if any(_inode_of(descriptor) in inodes for descriptor in (process / "fd").iterdir()):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                return f"{process.name} ({command[:80]})"
    return None


def _listening_inodes(table: Path, port: int) -> set[str]:
    if not table.exists():
        return set()
    rows = (line.split() for line in table.read_text("ascii").splitlines()[1:])
    return {row[9] for row in rows if row[3] == LISTEN and int(row[1].rpartition(":")[2], 16) == port}


def _inode_of(descriptor: Path) -> str | None:
    found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(descriptor))
    return found.group(1) if found else None
