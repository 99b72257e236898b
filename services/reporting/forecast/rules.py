"""Where a municipality will stand at the end of the project, and what it would take to keep its promise.

Method, in minutes, from the day asked about:

- pace     = attested so far ÷ elapsed days of the project × remaining days
- recent   = attested in the last 91 days ÷ 91 (or the elapsed days, if fewer) × remaining days
- booked   = minutes of seats confirmed on occasions still to come × show rate (attested ÷ scheduled so far, at most 1;
             the project's own rate where a municipality has none; 1 where nobody has)
- at_end   = attested + the larger of pace and booked: sessions not planned yet are only in the pace
- low      = attested + booked: nothing more is ever booked
- high     = attested + the largest of pace, recent, and every booked seat filled
- gap      = commitment − at_end, never below 0: minutes beyond the forecast that would close it
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any, Final

from services.reporting.days import Period
from services.reporting.shares import share

RECENT_DAYS: Final = 91


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one municipality on a day; all in minutes."""

    commitment: int
    attested: int | None
    """None when the reader may not know: then there is no forecast"""
    recent: int
    """attested in the last 91 days"""
    scheduled_so_far: int
    booked: int
    """confirmed on occasions still to come"""


def forecast(standing: Standing, project: Period | None, day: date, project_show_rate: Fraction) -> dict[str, Any]:
    """`{forecast: {at_end, low, high}, to_close_gap_minutes}`; shares of the commitment, None without one."""
    if standing.attested is None:
        return {"forecast": dict.fromkeys(("at_end", "low", "high")), "to_close_gap_minutes": None}
    remaining, elapsed = _days(project, day)
    pace = Fraction(standing.attested * remaining, elapsed)
    recent = Fraction(standing.recent * remaining, min(elapsed, RECENT_DAYS))
    booked = standing.booked * show_rate(standing.attested, standing.scheduled_so_far, project_show_rate)
    at_end = standing.attested + max(pace, booked)
    low = standing.attested + booked
    high = standing.attested + max(pace, recent, Fraction(standing.booked))
    return {
        "forecast": {
            "at_end": _share(at_end, standing.commitment),
            "low": _share(low, standing.commitment),
            "high": _share(high, standing.commitment),
        },
        "to_close_gap_minutes": max(0, ceil(standing.commitment - at_end)),
    }


def show_rate(attested: int, scheduled: int, otherwise: Fraction) -> Fraction:
    """Attested ÷ scheduled minutes, at most 1 (walk-ins can exceed it)."""
    return min(Fraction(1), Fraction(attested, scheduled)) if scheduled else otherwise


def recent_days(day: date) -> Period:
    return Period(day - timedelta(days=RECENT_DAYS - 1), day)


def _days(project: Period | None, day: date) -> tuple[int, int]:
    """Remaining and elapsed days of the project; elapsed is at least 1."""
    if project is None:
        return 0, 1
    return max(0, (project.last - day).days), max(1, (min(day, project.last) - project.first).days + 1)


def _share(minutes: Fraction, commitment: int) -> float | None:
    return share(minutes.numerator, minutes.denominator * commitment)
