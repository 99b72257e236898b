"""Rounding, in two places only: shares with four decimals, and claimable minutes by the project's dated policy.

Rule (product.md, Reporting 4): store minutes, round once, at the end, and show what rounding lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.reporting.figures.ledger import Attended
from services.reporting.figures.model import DatedSetting, Project

_SCALE: Final = 10_000


def share(part: int, whole: int) -> float | None:
    """part / whole with four decimals, rounded half up; None of nothing. Exact: only the last step is a float."""
    if whole == 0:
        return None
    return ((2 * part * _SCALE + whole) // (2 * whole)) / _SCALE


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


def rounded(rows: Iterable[Attended], project: Project) -> int:
    """Minutes of the rows, each group rounded once by the policy in force on its occasions' days.

    A group is an occasion of a person, or a person's month with one employer: so the municipalities' minutes sum to
    the project's.
    """
    groups: dict[tuple[Any, ...], int] = defaultdict(int)
    policies = DatedSetting(project, "rounding")
    in_force: dict[int, Any] = {}
    for row in rows:
        policy = policies.on(row.day)
        in_force[id(policy)] = policy
        groups[(id(policy), *_group(row, policy))] += row.minutes
    return sum(round_minutes(minutes, in_force[key[0]]) for key, minutes in groups.items())


def _group(row: Attended, policy: Mapping[str, Any] | None) -> tuple[Any, ...]:
    if policy and policy.get("per") == "person_month":
        return row.participant_id, row.municipality, row.day.year, row.day.month
    return row.participant_id, row.session.session_id, row.occasion.occasion_id
