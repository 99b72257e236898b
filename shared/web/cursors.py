"""Lists: `?limit=&cursor=` in, `{"items": […], "next": cursor | null}` out, in a stable order (keyset, never an
offset).
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar, overload
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, tuple_
from starlette.requests import Request

from shared.clock import instant
from shared.web.problems import Problem

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")


class Listing(BaseModel, Generic[T]):
    """A page of a list. `next` is the cursor of the following page, null on the last."""

    items: list[T]
    next: str | None = None


@dataclass(frozen=True)
class Page:
    """What part of a list is asked for. `after` holds the sort key of the last row seen, None on the first page.

    `path` is the list's own: a cursor leads on in the list that gave it and in no other.
    """

    limit: int
    after: list[Any] | None
    path: str = ""

    @property
    def fetch(self) -> int:
        """Rows to fetch: one more than shown, to know whether a page follows."""
        return self.limit + 1

    @overload
    def key(self, kind: type[A], /) -> tuple[A] | None: ...
    @overload
    def key(self, first: type[A], second: type[B], /) -> tuple[A, B] | None: ...
    @overload
    def key(self, *kinds: type) -> tuple[Any, ...] | None: ...

    def key(self, *kinds: type) -> tuple[Any, ...] | None:
        """The sort key of the last row seen, its parts as these kinds; None on the first page.

        Raises 400 for a cursor that holds anything else, or what the database cannot compare with.
        """
        if self.after is None:
            return None
        try:
            return tuple(_READ[kind](part) for kind, part in zip(kinds, self.after, strict=True))
        except (ValueError, TypeError) as error:
            raise unreadable() from error

    def last(self, kind: type[A]) -> A | None:
        """The last row seen of a list in order of one column, None on the first page. Raises 400."""
        key = self.key(kind)
        return None if key is None else key[0]

    def cut(
        self, statement: Select[*tuple[Any, ...]], column: Any, kind: type = UUID, *, latest_first: bool = False
    ) -> Select[*tuple[Any, ...]]:
        """Up to `fetch` rows of a list in order of one column, from this page on. Raises 400."""
        last = self.last(kind)
        if last is not None:
            statement = statement.where(column < last if latest_first else column > last)
        return statement.order_by(column.desc() if latest_first else column).limit(self.fetch)

    def cut_by(
        self, statement: Select[*tuple[Any, ...]], key: ColumnElement[str], id_: Any, *, latest_first: bool = False
    ) -> Select[*tuple[Any, ...]]:
        """The same in order of a text, and of an id where texts are alike; the key is selected as `sort_key`."""
        after, place = self.key(str, UUID), tuple_(key, id_)
        if after is not None:
            statement = statement.where(place < after if latest_first else place > after)
        order = [part.desc() if latest_first else part.asc() for part in (key, id_)]
        return statement.add_columns(key.label("sort_key")).order_by(*order).limit(self.fetch)

    def answer(self, rows: Sequence[Any], key: Callable[[Any], Sequence[Any]], show: Callable[[Any], T]) -> Listing[T]:
        """The page of up to `fetch` rows, sorted by `key`."""
        shown = rows[: self.limit]
        more = len(rows) > self.limit
        return Listing(items=[show(row) for row in shown], next=encode(key(shown[-1]), self.path) if more else None)


def encode(key: Sequence[Any], path: str = "") -> str:
    """A sort key in the list at `path` as an opaque cursor."""
    text = json.dumps([path, *key], default=str, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, path: str = "") -> list[Any]:
    """The sort key of a cursor. Raises 400 when the list at `path` did not give it."""
    try:
        given = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list) or given[:1] != [path]:
        raise unreadable()
    return given[1:]


def _id(part: Any) -> UUID:
    return UUID(_text(part))


def _time(part: Any) -> datetime:
    at = instant(_text(part))
    if at is None:
        raise ValueError("no time with offset")
    return at


def _number(part: Any) -> int:
    if type(part) is not int or not -(2**63) <= part < 2**63:
        raise ValueError("no whole number of the database")
    return part


def _text(part: Any) -> str:
    if not isinstance(part, str) or "\x00" in part:
        raise ValueError("no text of the database")
    part.encode()  # fails on half a surrogate pair
    return part


_READ: Mapping[type, Callable[[Any], Any]] = {UUID: _id, datetime: _time, int: _number, str: _text}


def unreadable() -> Problem:
    """400: this list gave no such cursor."""
    return Problem(
        "invalid-cursor",
        400,
        "Markören (cursor) går inte att läsa. Börja om från listans första sida.",
        "The cursor cannot be read. Begin again at the first page of the list.",
    )


async def page(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=500, description="Rows of a page.")] = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> Page:
    """The page that a request asks for; use as `page: Paging`."""
    path = request.scope["path"]
    return Page(limit, decode(cursor, path) if cursor else None, path)


Paging = Annotated[Page, Depends(page)]
