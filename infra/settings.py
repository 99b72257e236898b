"""Where the one-machine stack keeps its things, and the variables that steer it."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.local.errors import StackError

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ("booking", "attendance", "reporting")
DEFAULT_PORT = 8000


def data_folder() -> Path:
    """`.data` beside the code, from whatever folder kursnav is called; `KURSNAV_DATA` moves it."""
    return Path(os.environ.get("KURSNAV_DATA") or ROOT / ".data").resolve()


@dataclass(frozen=True)
class StackSettings:
    """What the environment says about the stack. Raises `StackError` for values that make no sense."""

    port: int
    processes: int
    kafka: str | None  # an external broker: the embedded one is not started
    postgres: str | None  # URL of a superuser of an external server
    smtp: str | None  # an external mail server, host:port

    @classmethod
    def from_environment(cls) -> "StackSettings":
        return cls(
            port=_number("KURSNAV_PORT", DEFAULT_PORT, 1, 65535),
            processes=_number("KURSNAV_PROCESSES", 1, 1, 64),
            kafka=os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or None,
            postgres=os.environ.get("KURSNAV_POSTGRES") or None,
            smtp=os.environ.get("KURSNAV_SMTP") or None,
        )


def command() -> str:
    """How the reader calls kursnav: by name where the shell finds it, else by its path from the folder they are in."""
    if shutil.which("kursnav"):
        return "kursnav"
    script = Path(sys.executable).with_name("kursnav")
    return str(script.relative_to(Path.cwd())) if script.is_relative_to(Path.cwd()) else str(script)


def external_databases() -> dict[str, str]:
    """The services' database variables that are set; a service without one gets an embedded database."""
    names = [f"{service.upper()}_{kind}" for service in SERVICES for kind in ("DATABASE_URL", "OWNER_DATABASE_URL")]
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def _number(variable: str, default: int, low: int, high: int) -> int:
    text = os.environ.get(variable, "") or str(default)
    if not text.isdigit() or not low <= int(text) <= high:
        raise StackError(f"{variable}={text} must be a whole number between {low} and {high}.")
    return int(text)
