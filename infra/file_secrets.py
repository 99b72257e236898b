"""Secrets of a deployment: from the environment or from files, never from the repository in production.

`BOOKING_DATABASE_URL_FILE=/run/secrets/booking_database_url` is read into `BOOKING_DATABASE_URL`, as the official
images of PostgreSQL and others do it. The file wins over the variable: who mounted it meant it.
"""

import os
from collections.abc import MutableMapping
from pathlib import Path

from infra.local.errors import StackError
from infra.settings import SERVICES

VARIABLES = (
    *(f"{service.upper()}_{kind}" for service in SERVICES for kind in ("DATABASE_URL", "OWNER_DATABASE_URL")),
    "KURSNAV_PEOPLE_KEYS",
    "BOOKING_VAULT_KEYS",
    "KURSNAV_SESSION_KEYS",
    "KURSNAV_CLIENT_SECRET",
    "KURSNAV_SMTP_PASSWORD",
)


def read_files(environment: MutableMapping[str, str] = os.environ) -> None:
    """Puts the content of each `<VARIABLE>_FILE` into its variable. Raises `StackError` for a file out of reach."""
    for variable in VARIABLES:
        if not (path := environment.get(f"{variable}_FILE")):
            continue
        try:
            environment[variable] = Path(path).read_text("utf-8").strip()
        except OSError as error:
            raise StackError(f"{variable}_FILE={path} cannot be read: {error.strerror}.") from error


def refuse_marked(environment: MutableMapping[str, str] = os.environ) -> None:
    """Raises `StackError`, naming each variable, when production was given a secret that stands in the repository."""
    if environment.get("KURSNAV_ENVIRONMENT") != "production":
        return
    from shared.settings import DEVELOPMENT_ONLY  # pydantic-settings: not for every command

    marked = [variable for variable in VARIABLES if DEVELOPMENT_ONLY in environment.get(variable, "")]
    if marked:
        raise StackError(f"for development only, set your own: {', '.join(marked)}")
