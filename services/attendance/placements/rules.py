"""Weeks and employments of placements. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any


def monday_of(week: str) -> date | None:
    """The Monday of `2026-W37`, None for a week that its year does not have."""
    try:
        return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    except ValueError:
        return None


def week_of(day: date) -> str:
    """`2026-W37`."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"


def weeks_between(first: date, last: date) -> list[str]:
    """Every week from one day to another, the last first."""
    return [week_of(date.fromordinal(day)) for day in range(last.toordinal(), first.toordinal() - 7, -7)]


def employers_on(employments: Iterable[Mapping[str, Any]], day: date) -> list[str]:
    """Who employs a person on a day: where they are on placement first."""
    held = [
        one
        for one in employments
        if one["valid_from"] <= day.isoformat() and (one.get("valid_to") or "9999") >= day.isoformat()
    ]
    return list(dict.fromkeys(one["municipality"] for one in sorted(held, key=lambda one: one["kind"] != "placement")))
