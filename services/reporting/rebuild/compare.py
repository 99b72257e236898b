"""Two versions of the facts at one cut-off: do they give the same figures?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.reporting.facts.past import Positions, state_below
from services.reporting.figures.asking import Question
from services.reporting.figures.cofinancing import cofinancing
from services.reporting.figures.figures import figures
from services.reporting.figures.project import project_period
from shared.clock import local_day
from shared.database.unit_of_work import Unit, Units

_NOT_FIGURES: Final = {"period", "cut_off", "data_as_of", "suppressed"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure, by its dotted path, that two versions give differently; None where one of them has no such figure."""

    figure: str
    live: Any
    rebuilt: Any


async def statement_of(units: Units, version: int, below: Positions) -> dict[str, Any]:
    """Every figure of the whole project and of all time, and the co-financing, each by its dotted path."""
    async with units.system() as unit:
        return await statement_at(unit, await state_below(unit, version, below), local_day(unit.recorded_at))


async def statement_at(unit: Unit, at: str, today: date) -> dict[str, Any]:
    """The same of the state at a schema."""
    project = await project_period(unit, at)
    groups = {
        "project": await figures(unit, at, Question(project.first, project.last) if project else Question()),
        "all_time": await figures(unit, at, Question()),
        "cofinancing": await cofinancing(unit, at, None, today),
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
