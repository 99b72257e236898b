"""The development stack's secrets: made once, kept in `.data/secrets.json`, readable by their owner only."""

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any

DERIVED = ("KURSNAV_PEOPLE_KEYS", "BOOKING_VAULT_KEYS", "KURSNAV_SESSION_KEYS")


def exist(data: Path) -> bool:
    """Whether there are secrets already."""
    return _path(data).exists()


def load(data: Path) -> dict[str, str]:
    """`postgres` (the superuser's password) and the services' keys by variable; made when missing."""
    path = _path(data)
    known: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    wanted = {"postgres": secrets.token_hex(16), **{name: _key() for name in DERIVED}}
    if missing := {name: value for name, value in wanted.items() if name not in known}:
        known = {**known, **missing}
        write_own(path, known)
    return known


def _path(data: Path) -> Path:
    return data / "secrets.json"


def _key() -> str:
    return f"development-only:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def write_own(path: Path, known: dict[str, Any]) -> None:
    """Replaces the file as a whole: a reader never sees half of it. Only the owner may read."""
    unfinished = path.with_suffix(".unfinished")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(known, file, indent=1)
    unfinished.replace(path)
