"""Field types that several contracts share."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
MOST: Final = 2**31 - 1
"""The largest number of an event: what every reader can store and divide."""

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _as_published(form: re.Pattern[str], read: Callable[[str], Any]) -> BeforeValidator:
    """Only the published form: pydantic also takes seconds since 1970 for a time, which no reader of facts does."""

    def check(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if form.fullmatch(value) is None:
            raise ValueError("not in the form of RFC 3339")
        return read(value)

    return BeforeValidator(check)


def on_the_calendar(at: datetime) -> datetime:
    """Raises ValueError for a time so early or late that it has no local day in every time zone."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"not in the years {FIRST_YEAR} to {LAST_YEAR}")
    return at


def utc_text(at: datetime) -> str:
    """A time as events write it."""
    return _text(at.astimezone(UTC))  # first: local times that differ only by `fold` are alike to a cache


@lru_cache(maxsize=256)  # the events of a transaction name the same times again and again
def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


Utc = Annotated[
    AwareDatetime,
    _as_published(_TIME, datetime.fromisoformat),
    AfterValidator(on_the_calendar),
    PlainSerializer(utc_text, return_type=str, when_used="json"),
]
"""An instant: aware in code, RFC 3339 with `Z` in JSON."""

Day = Annotated[date, _as_published(_DAY, date.fromisoformat)]
"""A local day: `2025-03-01`."""

Money = Annotated[
    Decimal,
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}),
]
"""Kronor, as a decimal string in JSON."""

Number = Annotated[int, Field(ge=-MOST, le=MOST), WithJsonSchema({"type": "integer"})]
Minutes = Annotated[int, Field(ge=0, le=MOST), WithJsonSchema({"type": "integer", "minimum": 0})]
Count = Minutes
Position = Annotated[int, Field(ge=1, le=MOST), WithJsonSchema({"type": "integer", "minimum": 1})]
"""In a queue, counted from 1."""

MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
"""A calendar month in Stockholm: `2025-11`."""

Category = Literal["base", "licensed", "other"]
"""Occupational category; base is undersköterskor and stödassistenter."""
