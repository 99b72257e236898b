"""Column types that several tables share."""

from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


def timestamp(**options: Any) -> Any:
    """A `timestamptz` column; values are aware UTC datetimes."""
    return Field(sa_type=DateTime(timezone=True), **options)


def jsonb(**options: Any) -> Any:
    """A `jsonb` column."""
    return Field(sa_type=JSONB, **options)
