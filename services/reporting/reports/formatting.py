"""Numbers and dates as a reader of the report's language writes them.

Swedish (the Swedish Language Council's rules): decimal comma, a narrow no-break space between thousands and before `%`.
Every value is rounded here and only here, half up, from the unrounded one.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from shared.clock import STOCKHOLM

NARROW_SPACE = "\u202f"
NOTHING = "–"
_MONTHS_SV = "januari februari mars april maj juni juli augusti september oktober november december".split()
_MONTHS_EN = "January February March April May June July August September October November December".split()


class Unit(StrEnum):
    """What a figure counts. Figures of different units are never added or mixed (product.md, Reporting rule 1)."""

    PERSONS = "persons"
    PARTICIPATIONS = "participations"
    SESSIONS = "sessions"
    COURSES = "courses"
    SEATS = "seats"
    MINUTES = "minutes"
    HOURS = "hours"
    ANSWERS = "answers"
    TRAINERS = "trainers"
    SHARE = "share"
    MEAN = "mean"
    COUNT = "count"


DECIMALS = {Unit.HOURS: 1, Unit.SHARE: 1, Unit.MEAN: 2}
"""Decimals shown; a share is shown in per cent. All other units are whole numbers."""


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Rounds half up, away from zero: 0.05 → 0.1."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def hours(minutes: int) -> Decimal:
    return Decimal(minutes) / 60


def shown(value: int | float | Decimal | None, unit: Unit, language: str) -> str:
    """A value as text. None (hidden, or no answers to take a mean of) is a dash, never 0."""
    if value is None:
        return NOTHING
    exact = Decimal(str(value))
    decimals = DECIMALS.get(unit, 0)
    if unit is Unit.SHARE:
        return _number(rounded(exact * 100, decimals), decimals, language) + (
            f"{NARROW_SPACE}%" if language == "sv" else "%"
        )
    return _number(rounded(exact, decimals), decimals, language)


def _number(value: Decimal, decimals: int, language: str) -> str:
    text = f"{value:,.{decimals}f}".replace("-", "\u2212")
    if language == "sv":
        return text.replace(",", NARROW_SPACE).replace(".", ",")
    return text


def day(value: date, language: str) -> str:
    """`31 december 2025` · `31 December 2025`."""
    return f"{value.day} {month_name(value.month, language)} {value.year}"


def month_name(month: int, language: str) -> str:
    return (_MONTHS_SV if language == "sv" else _MONTHS_EN)[month - 1]


def instant(value: datetime, language: str) -> str:
    """A point of time as the clock in Sweden shows it: `31 december 2025 kl. 14.05` · `31 December 2025, 14:05`."""
    local = value.astimezone(STOCKHOLM)
    clock = f" kl. {local:%H.%M}" if language == "sv" else f", {local:%H:%M} (Sweden)"
    return day(local.date(), language) + clock
