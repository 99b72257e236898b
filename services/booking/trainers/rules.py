"""When a trainer teaches."""

from collections.abc import Iterable
from datetime import date


def is_active(active_from: date | None, active_to: date | None, days: Iterable[date]) -> bool:
    """Whether somebody active from `active_from`, who has left as of `active_to`, is there on all these days."""
    begin, end = active_from or date.min, active_to or date.max
    return all(begin <= day < end for day in days)
