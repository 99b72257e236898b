"""Lists: `?limit=&cursor=` in, `{"items": […], "next": cursor | null}` out, in a stable order (keyset, never an
offset).
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from shared.web.problems import Problem

T = TypeVar("T")


class Listing(BaseModel, Generic[T]):
    """A page of a list. `next` is the cursor of the following page, null on the last."""

    items: list[T]
    next: str | None = None


@dataclass(frozen=True)
class Page:
    """What part of a list is asked for. `after` holds the sort key of the last row seen, None on the first page."""

    limit: int
    after: list[Any] | None

    @property
    def fetch(self) -> int:
        """Rows to fetch: one more than shown, to know whether a page follows."""
        return self.limit + 1

    def answer(self, rows: Sequence[Any], key: Callable[[Any], Sequence[Any]], show: Callable[[Any], T]) -> Listing[T]:
        """The page of up to `fetch` rows, sorted by `key`."""
        shown = rows[: self.limit]
        more = len(rows) > self.limit
        return Listing(items=[show(row) for row in shown], next=encode(key(shown[-1])) if more else None)


def encode(key: Sequence[Any]) -> str:
    """A sort key as an opaque cursor."""
    return (
        base64.urlsafe_b64encode(json.dumps(list(key), default=str, separators=(",", ":")).encode())
        .decode()
        .rstrip("=")
    )


def decode(cursor: str) -> list[Any]:
    """The sort key of a cursor. Raises 400 when it is not one of ours."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        key = None
    if not isinstance(key, list):
        raise Problem(
            "invalid-cursor",
            400,
            "Markören (cursor) går inte att läsa. Börja om från listans första sida.",
            "The cursor cannot be read. Begin again at the first page of the list.",
        )
    return key


def page(
    limit: Annotated[int, Query(ge=1, le=500, description="Rows of a page.")] = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> Page:
    """The page that a request asks for; use as `page: Paging`."""
    return Page(limit, decode(cursor) if cursor else None)


Paging = Annotated[Page, Depends(page)]
