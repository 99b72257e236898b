"""Edits carry `If-Match`. The ETag is a row's `revision`, which only edits raise (a registration does not spoil an
editor's copy).
"""

import hashlib
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.requests import Request

from shared.web.problems import Problem

T = TypeVar("T")


def etag(revision: int) -> str:
    """The entity tag of a revision."""
    return f'"{revision}"'


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """What an endpoint returns with its revision, which the route makes the ETag; without one when it is None.

    `created`: the call made what there was not before, and is answered with 201.
    """

    value: T
    revision: int | None
    created: bool = False


def require_if_match(request: Request, revision: int) -> None:
    """Refuses an edit of what the caller has not seen. Raises 428 without `If-Match`, 412 when it names another
    revision.
    """
    header = request.headers.get("if-match")
    if header is None:
        raise Problem(
            "if-match-required",
            428,
            "Huvudet If-Match saknas. Hämta raden, ändra den och skicka dess ETag i If-Match.",
            "The header If-Match is missing. Get the resource, edit it, and send its ETag as If-Match.",
        )
    wanted = {part.strip().removeprefix("W/") for part in header.split(",")}
    if "*" not in wanted and etag(revision) not in wanted:
        raise Problem(
            "stale-if-match",
            412,
            "Någon annan har ändrat raden sedan du hämtade den. Hämta den igen och gör om ändringen.",
            "Somebody changed this since you read it. Get it again and repeat your edit.",
            headers={"ETag": etag(revision)},
        )


def digest_of(content: str) -> str:
    """The entity tag of what has no revision, by its content."""
    return f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the caller has this very content already (`If-None-Match`)."""
    known = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    return tag in known
