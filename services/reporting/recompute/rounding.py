"""Rounding claimable minutes by the project's dated policy.

Rule (product.md, Reporting 4): store minutes, round once, at the end, and show what rounding lost.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from services.reporting.days import Period
from services.reporting.recompute.ledger import Attended
from services.reporting.recompute.model import DatedSetting, Project


def round_minutes(minutes: int, policy: Mapping[str, Any] | None) -> int:
    """Minutes to the policy's unit by its mode (half_up | half_even | down | up); without a policy as they are."""
    if not policy:
        return minutes
    unit = int(policy.get("unit_minutes") or 1)
    whole, rest = divmod(minutes, unit)
    return (whole + _goes_up(str(policy.get("mode", "half_up")), whole, rest, unit)) * unit


def _goes_up(mode: str, whole: int, rest: int, unit: int) -> bool:
    if rest == 0 or mode == "down":
        return False
    if mode == "up":
        return True
    if mode == "half_even" and 2 * rest == unit:
        return whole % 2 == 1
    return 2 * rest >= unit


class Rounding:
    """The project's dated policy for claimable minutes, by its value: stating it again changes nothing.

    A policy `per: person_month` rounds a person's month with one employer over all courses, and is the one in force on
    the 1st; one that begins within a month waits for the next. Other policies round each occasion by its day's.
    """

    def __init__(self, project: Project) -> None:
        self._dated = DatedSetting(project, "rounding")
        self._project = project.period

    def on(self, day: date) -> Mapping[str, Any] | None:
        first, now = self._dated.on(day.replace(day=1)), self._dated.on(day)
        policy: Mapping[str, Any] | None = first if _is_monthly(first) or _is_monthly(now) else now
        return policy

    def is_monthly(self, day: date) -> bool:
        return _is_monthly(self.on(day))

    def cuts(self, period: Period) -> bool:
        """Whether the period takes a part of a month that is rounded as a whole."""
        first, last, project = period.first, period.last, self._project
        begins_late = first.day != 1 and (project is None or first > project.first)
        ends_early = last.day != monthrange(last.year, last.month)[1] and (project is None or last < project.last)
        return (begins_late and self.is_monthly(first)) or (ends_early and self.is_monthly(last))

    def total(self, rows: Iterable[Attended]) -> int:
        """Minutes of the rows, each group rounded once: so the municipalities' minutes sum to the project's."""
        return sum(after for _rows, _before, after in self.groups(rows))

    def groups(self, rows: Iterable[Attended]) -> Iterator[tuple[list[Attended], int, int]]:
        """The rows that are rounded together, with their minutes before and after."""
        groups: dict[tuple[str, ...], list[Attended]] = defaultdict(list)
        for row in rows:
            groups[_group(row, self.on(row.day))].append(row)
        for together in groups.values():
            minutes = sum(row.minutes for row in together)
            yield together, minutes, round_minutes(minutes, self.on(together[-1].day))


def _is_monthly(policy: Mapping[str, Any] | None) -> bool:
    return policy is not None and policy.get("per") == "person_month"


def _group(row: Attended, policy: Mapping[str, Any] | None) -> tuple[str, ...]:
    if _is_monthly(policy):
        return "month", row.participant_id, row.municipality, f"{row.day:%Y-%m}"
    return "occasion", row.participant_id, row.session.session_id, row.occasion.occasion_id
