"""Conditions that many statements share."""

from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import ColumnElement, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped

T = TypeVar("T")


def among(column: Mapped[T], values: Iterable[T]) -> ColumnElement[bool]:
    """The column holds one of these values, however many: they are sent as one array.

    `in_` sends each as a parameter of its own, and PostgreSQL takes no more than 32,767 of those.
    """
    kind = column.type  # type: ignore[attr-defined]  # `col()` says less than it returns
    return column == any_(literal(list(values), ARRAY(kind)))
