"""Field types of bodies and queries that keep out what no database and no calendar can hold."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    TypeAdapter,
)

from shared.web.sentences import wrong

FIRST_YEAR, LAST_YEAR = 2000, 2199
NO_ZERO = r"^[^\x00]*$"
"""PostgreSQL keeps no zero byte in a text."""
_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"


_DAY, _TIME = TypeAdapter(date), TypeAdapter(datetime)
_DAY_FIRST = re.compile(r"\s*\d{4}-\d\d-\d\d")
# The library reads numbers, also in quotes, as seconds since 1970.
_NOT_ISO = wrong(
    "not_iso",
    "Skriv som i ISO 8601: 2025-03-01 eller 2025-03-01T09:00:00+01:00.",
    "Write it as in ISO 8601: 2025-03-01 or 2025-03-01T09:00:00+01:00.",
)


def _written(kind: TypeAdapter[Any]) -> Any:
    """Reads a day or a time from text, and from nothing else."""

    def read(value: Any) -> Any:
        if isinstance(value, date):
            return value
        if isinstance(value, str) and _DAY_FIRST.match(value):
            return kind.validate_python(value)
        raise _NOT_ISO

    return BeforeValidator(read)


def _plausible(at: datetime) -> datetime:
    # Far from the ends of the calendar, where a change of time zone falls off it.
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise wrong(
            "implausible", "Ange en tid i det här seklet eller nästa.", "Give a time of this century or the next."
        )
    return at


Moment = Annotated[AwareDatetime, _written(_TIME), AfterValidator(_plausible)]
"""A time with offset."""

Day = Annotated[date, _written(_DAY), Field(ge=date(1900, 1, 1), le=date(2999, 12, 31))]
"""A day that one can count on from, and whose beginning and end are times in any time zone."""

Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=NO_ZERO)]
"""Why somebody decided so, in own words."""

Named = Annotated[str, StringConstraints(pattern=NO_ZERO)]
"""The name of something in a question; what there is nothing of answers an empty list."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_NO_CONTROL)]
"""One line of text, not empty."""

Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000, pattern=NO_ZERO)]
"""Text of any number of lines, possibly empty."""

Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\s/\x00-\x1f\x7f]+$")
]
"""A short name that others refer to: no spaces, no slash, nothing that a terminal would obey."""

_NO_AT = r"[^@\s\x00-\x1f]+"
EMAIL = re.compile(rf"^{_NO_AT}@{_NO_AT}\.{_NO_AT}$")
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=EMAIL.pattern)]

Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40, pattern=r"^[0-9+() /.-]+$")
]

LanguageTag = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""A language as in BCP 47: `sv`, `en`, `ar`."""


def _plain(amount: Decimal) -> str:
    return format(amount, "f")


Kronor = Annotated[
    Decimal,
    Field(ge=0, max_digits=14, decimal_places=2),
    PlainSerializer(_plain, return_type=str, when_used="json"),
]
"""An amount: a decimal string in JSON."""
