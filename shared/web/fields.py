"""Field types of bodies and queries that keep out what no database and no calendar can hold."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

FIRST_YEAR, LAST_YEAR = 2000, 2199
NO_ZERO = r"^[^\x00]*$"
"""PostgreSQL keeps no zero byte in a text."""


def _plausible(at: datetime) -> datetime:
    # Far from the ends of the calendar, where a change of time zone falls off it.
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError("give a time of this century or the next")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
"""A time with offset."""

Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2999, 12, 31))]
"""A day that one can count on from, and whose beginning and end are times in any time zone."""

Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=NO_ZERO)]
"""Why somebody decided so, in own words."""

Named = Annotated[str, StringConstraints(pattern=NO_ZERO)]
"""The name of something in a question; what there is nothing of answers an empty list."""
