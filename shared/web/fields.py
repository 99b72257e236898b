"""Field types of bodies and queries that keep out what no database and no calendar can hold."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints, TypeAdapter

from shared.web.sentences import wrong

FIRST_YEAR, LAST_YEAR = 2000, 2199
NO_ZERO = r"^[^\x00]*$"
"""PostgreSQL keeps no zero byte in a text."""


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
