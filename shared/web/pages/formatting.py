"""Days, times and numbers as people read them, in the language of the page."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from typing import Any, Final, Protocol

from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from shared.clock import STOCKHOLM, local_day
from shared.web.pages.languages import LANGUAGE

LOCALES = {"sv": "sv_SE", "en": "en_GB"}
LONG, SHORT = "EEEE d MMMM y", "d MMM y"
CODE: Final = re.compile(r"(20\d\d)(Q[1-4]|H[12]|-(?:0[1-9]|1[0-2]))")
HALVES: Final = {"H1": ("våren", "spring"), "H2": ("hösten", "autumn")}


class Span(Protocol):
    """Anything that begins and ends."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


def _locale() -> str:
    return LOCALES[LANGUAGE.get()]


def day(when: date | datetime, form: str = LONG) -> str:
    """`tisdag 2 mars 2027`."""
    return _day(local_day(when) if isinstance(when, datetime) else when, form, _locale())


@lru_cache(maxsize=4096)
def _day(when: date, form: str, locale: str) -> str:
    """The same few days are said again and again."""
    return format_date(when, form, locale=locale)


def short_day(when: date | datetime) -> str:
    """`2 mars 2027`."""
    return day(when, SHORT)


def month_name(first: date) -> str:
    """`mars 2027`."""
    return day(first, "MMMM y")


def period(written: str) -> str:
    """`november 2025`, `kvartal 4 2025`, `våren 2027`, `hela projektet`, `2025`: what codes call `2025-11`, `2025Q4`,
    `2027H1`, `project` and `2025`. Any other text stays as it is.
    """
    found = CODE.fullmatch(written)
    if found is None:
        return ("hela projektet", "the whole project")[LANGUAGE.get() != "sv"] if written == "project" else written
    year, part = found.groups()
    if part[0] == "-":
        return month_name(date(int(year), int(part[1:]), 1))
    said = HALVES.get(part, (f"kvartal {part[1:]}", f"quarter {part[1:]} of"))
    return f"{said[LANGUAGE.get() != 'sv']} {year}"


def clock(at: datetime) -> str:
    """`09.30`."""
    return f"{at.astimezone(STOCKHOLM):{'%H.%M' if LANGUAGE.get() == 'sv' else '%H:%M'}}"


def moment(at: datetime, form: str = LONG) -> str:
    """`tisdag 2 mars 2027 kl. 09.30`."""
    return f"{day(at, form)}{' kl. ' if LANGUAGE.get() == 'sv' else ' at '}{clock(at)}"


def short_moment(at: datetime) -> str:
    """`2 mars 2027 kl. 09.30`."""
    return moment(at, SHORT)


def local(at: datetime | None) -> str:
    """`2027-03-02T09:30`, as an input of type datetime-local holds it."""
    return f"{at.astimezone(STOCKHOLM):%Y-%m-%dT%H:%M}" if at else ""


def time_of(span: Span) -> str:
    """`kl. 09–12`, `kl. 08.30–16`: a full hour stands without minutes."""
    between = "–".join(clock(end) for end in (span.starts_at, span.ends_at))
    return "kl. " + between.replace(".00", "") if LANGUAGE.get() == "sv" else between


def when(span: Span) -> str:
    """`tisdag 2 mars 2027 kl. 09–12`."""
    return f"{day(span.starts_at)} {time_of(span)}"


def days(spans: Sequence[Span]) -> str:
    """The first of several occasions, with how many more there are after it."""
    first = short_day(spans[0].starts_at) + ", " + time_of(spans[0])
    more = len(spans) - 1
    return first if not more else f"{first} (+{more})"


def number(value: Any, form: str = "#,##0.##") -> str:
    """`1 834`, with U+00A0 between the thousands; rounded half up, as every figure is."""
    return _number(0 if value == 0 else value, form, _locale())  # of -0.0 the cache would think it is 0


@lru_cache(maxsize=4096)
def _number(value: Any, form: str, locale: str) -> str:
    """So are the same few numbers."""
    with localcontext(rounding=ROUND_HALF_UP):
        return format_decimal(value, form, locale=locale)


def in_field(value: Any) -> Any:
    """`0,8` and `23731055,00`: a number as a field of a form holds it; a text stays as it is."""
    if not isinstance(value, float | Decimal):
        return value
    bare = str(value).removesuffix(".0")
    return bare.replace(".", ",") if LANGUAGE.get() == "sv" else bare


def hours(minutes: int) -> str:
    """`12,5 timmar`: minutes are stored, people count in hours."""
    words = {"sv": ("timme", "timmar"), "en": ("hour", "hours")}[LANGUAGE.get()]
    shown = number(Decimal(minutes) / 60, "#,##0.#")
    return f"{shown}\u00a0{words[shown != '1']}"


def kronor(amount: Any) -> str:
    """`4 279 856 kr`, with öre where there are any."""
    unit = {"sv": "kr", "en": "SEK"}[LANGUAGE.get()]
    return number(amount, "#,##0" if amount == int(amount) else "#,##0.00") + f"\u00a0{unit}"


def percent(share: Any) -> str:
    """`37,5 %` of a fraction; English writes `37.5%`."""
    return number(Decimal(str(share)) * 100, "#,##0.#") + {"sv": "\u00a0%", "en": "%"}[LANGUAGE.get()]


PART = re.compile(r"[@.]|(?<=[^/])/(?=[^/])")


def address(email: str) -> Markup:
    """An address of mail or of a page: on a narrow screen it breaks after `@`, full stops and single slashes."""
    parts = PART.sub(r"\g<0><wbr>", str(escape(email)))
    return Markup(f'<span class="app-address">{parts}</span>')  # noqa: S704


TIME = re.compile(r"kl\. \S+|\d\d:\S+")


def unbroken(shown: Callable[[Any], str]) -> Callable[[Any], Markup]:
    """The same on a page, where a time stays on one line."""
    return lambda value: Markup(TIME.sub(r'<span class="app-unbroken">\g<0></span>', str(escape(shown(value)))))  # noqa: S704


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "short_day": short_day,
    "month_name": month_name,
    "period": period,
    "clock": clock,
    "moment": unbroken(moment),
    "short_moment": unbroken(short_moment),
    "local": local,
    "time_of": unbroken(time_of),
    "when": unbroken(when),
    "days": unbroken(days),
    "number": number,
    "in_field": in_field,
    "hours": hours,
    "percent": percent,
    "address": address,
    "kronor": kronor,
}
