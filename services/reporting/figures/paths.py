"""Figures by their dotted path: `minutes.attested`, `participations.by_course.TR1`."""

from collections.abc import Iterator
from typing import Any, Final

NOT_FIGURES: Final = frozenset({"period", "cut_off", "data_as_of", "suppressed", "rounded_to"})
KEYS_OF_ITEMS: Final = ("code", "month")


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, int | float | None]]:
    """Every number of an answer; None where nothing may be told, or there is nothing to divide."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if path or key not in NOT_FIGURES:
                yield from numbers(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from numbers(item, f"{path}.{next(item[name] for name in KEYS_OF_ITEMS if name in item)}")
    elif value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        yield path, value
