"""Two versions of the facts at one cut-off: do they give the same figures?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.reporting.figures.cofinancing import cofinancing, latest_day
from services.reporting.figures.figures import figures
from services.reporting.figures.model import Facts, Period

ALL_TIME: Final = Period(date(1900, 1, 1), date(2199, 12, 31))
_NOT_FIGURES: Final = {"period", "cut_off", "data_as_of", "suppressed"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure, by its dotted path, that two versions give differently; None where one of them has no such figure."""

    figure: str
    live: Any
    rebuilt: Any


def statement_of(facts: Facts, today: date) -> dict[str, Any]:
    """Every figure of the whole project and of all time, and the co-financing, each by its dotted path."""
    groups = {
        "project": figures(facts, facts.project.period or ALL_TIME),
        "all_time": figures(facts, ALL_TIME),
        "cofinancing": cofinancing(facts, latest_day(facts, today)),
    }
    return {path: value for name, group in groups.items() for path, value in _paths(name, group)}


def differences(live: dict[str, Any], rebuilt: dict[str, Any]) -> list[Difference]:
    """What two statements do not agree on, by path."""
    paths = sorted(live.keys() | rebuilt.keys())
    return [
        Difference(path, live.get(path), rebuilt.get(path)) for path in paths if live.get(path) != rebuilt.get(path)
    ]


def _paths(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _NOT_FIGURES:
                yield from _paths(f"{prefix}.{key}", inner)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _paths(f"{prefix}.{item['code'] if isinstance(item, dict) else number}", item)
    else:
        yield prefix, value
