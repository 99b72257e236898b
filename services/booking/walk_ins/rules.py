"""For whom a person came."""

from collections.abc import Sequence
from typing import TypeVar

Employed = TypeVar("Employed")


def employer(employments: Sequence[tuple[str, Employed]], named: str | None) -> Employed | None:
    """The employment, of those in force that day (municipality and employment), on whose behalf a person came.

    That of the municipality that was named, else the only one there is; None when somebody has to say.
    """
    of_named = [employment for municipality, employment in employments if municipality == named]
    found = of_named or [employment for _, employment in employments]
    return found[0] if len(found) == 1 else None
