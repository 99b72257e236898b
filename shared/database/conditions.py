"""Conditions that many statements share, and many rows in several statements."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped
from sqlmodel import col

T = TypeVar("T")
PART = 500
"""How many rows are worked on before others get a turn: the event loop is everybody's."""


def among(column: Mapped[T], values: Iterable[T]) -> ColumnElement[bool]:
    """The column holds one of these values, however many: they are sent as one array.

    `in_` sends each as a parameter of its own, and PostgreSQL takes no more than 32,767 of those.
    """
    kind = column.type  # type: ignore[attr-defined]  # `col()` says less than it returns
    return column == any_(literal(list(values), ARRAY(kind)))


def where_given(*pairs: tuple[Any, Any]) -> list[ColumnElement[bool]]:
    """That columns equal what is asked for; what is None is not asked for."""
    return [col(column) == value for column, value in pairs if value is not None]


def by_id(table: Any, key: UUID, *, lock: bool = False) -> Select[Any]:
    """The row with this id; `lock` holds it until the transaction ends."""
    statement = select(table).where(col(table.id) == key)
    return statement.with_for_update() if lock else statement


def parts(rows: Sequence[T], size: int = PART) -> Iterator[Sequence[T]]:
    """The rows in their order, some at a time."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
