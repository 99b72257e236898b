"""Rules of employments: what held on a day, and what a dated change makes of the history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

DATED = ("title", "category", "kind", "employer_org_number")
"""What a period of an employment holds; a change of these applies from a day."""

_DAY = timedelta(days=1)
Employed = TypeVar("Employed")


@dataclass(frozen=True)
class Period:
    """What held for an employment from `valid_from` to `valid_to` (None: until further notice), both inclusive."""

    valid_from: date
    valid_to: date | None
    title: str
    category: str
    kind: str
    employer_org_number: str

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class EmploymentRuleBrokenError(Exception):
    """A change that no employment can have; `rule` is its stable code."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def in_force(periods: Iterable[Period], day: date) -> Period | None:
    """The period that holds on a day."""
    return next((period for period in periods if period.holds_on(day)), None)


def overlap(first: Sequence[Period], second: Sequence[Period]) -> bool:
    """Whether two employments have a day in common."""
    return any(_meet(one, other) for one in first for other in second)


def _meet(one: Period, other: Period) -> bool:
    return one.valid_from <= (other.valid_to or date.max) and other.valid_from <= (one.valid_to or date.max)


def default_start(first_day: date, act_day: date, earlier: Sequence[Period]) -> date:
    """When an employment entered without `valid_from` begins; `earlier` are those with the same municipality.

    Normally on the project's first day: as far as the project knows, who is entered has been employed all the time.
    Who comes back begins on the local day of the act, but not before the earlier employment has ended.
    """
    if not earlier:
        return min(first_day, act_day)
    ends = [period.valid_to for period in earlier if period.valid_to is not None]
    return max([act_day, *(end + _DAY for end in ends if end < date.max)])


def changed(history: Sequence[Period], day: date, fields: Mapping[str, Any]) -> tuple[Period, ...]:
    """The history when `fields` hold from `day` on: later periods get them too, the one that `day` falls in is divided.

    A day before the employment lets it begin then. Raises `after-its-end` when the employment has ended by `day`.
    """
    _last_day_allows(history, day)
    begun = started(history, day) if day < history[0].valid_from else tuple(history)
    periods: list[Period] = []
    for period in begun:
        if period.valid_from >= day:
            periods.append(replace(period, **fields))
        elif period.holds_on(day):
            periods += [replace(period, valid_to=day - _DAY), replace(period, valid_from=day, **fields)]
        else:
            periods.append(period)
    return merged(periods)


def _last_day_allows(history: Sequence[Period], day: date) -> None:
    last = history[-1].valid_to
    if last is not None and day > last:
        raise EmploymentRuleBrokenError("after-its-end")


def started(history: Sequence[Period], day: date) -> tuple[Period, ...]:
    """The history of an employment that began on `day` instead. Raises `after-its-end`."""
    _last_day_allows(history, day)
    kept = [period for period in history if period.valid_to is None or period.valid_to >= day]
    return (replace(kept[0], valid_from=day), *kept[1:])


def ended(history: Sequence[Period], last_day: date | None) -> tuple[Period, ...]:
    """The history of an employment whose last day is `last_day` (None: open). Raises `before-its-start`."""
    if last_day is not None and last_day < history[0].valid_from:
        raise EmploymentRuleBrokenError("before-its-start")
    kept = [period for period in history if last_day is None or period.valid_from <= last_day]
    return (*kept[:-1], replace(kept[-1], valid_to=last_day))


def ended_by_act(history: Sequence[Period], day: date) -> tuple[Period, ...]:
    """The history after an act of `day` ended the employment: never later than it would have ended anyway.

    One that has not begun yet ends on its first day.
    """
    last = min(day, history[-1].valid_to or date.max)
    return ended(history, max(last, history[0].valid_from))


def merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same history with adjacent periods of equal content as one."""
    result: list[Period] = []
    for period in periods:
        if result and _continues(result[-1], period):
            result[-1] = replace(result[-1], valid_to=period.valid_to)
        else:
            result.append(period)
    return tuple(result)


def _continues(one: Period, following: Period) -> bool:
    adjacent = one.valid_to is not None and one.valid_to + _DAY == following.valid_from
    return adjacent and all(getattr(one, name) == getattr(following, name) for name in DATED)


def employer(employments: Sequence[tuple[str, Employed]], named: str | None) -> Employed | None:
    """The employment, of those in force that day (municipality and employment), on whose behalf a person came.

    That of the municipality that was named, else the only one there is; None when somebody has to say.
    """
    of_named = [employment for municipality, employment in employments if municipality == named]
    found = of_named or [employment for _, employment in employments]
    return found[0] if len(found) == 1 else None
