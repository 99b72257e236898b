"""The final report: what the project set out to do and what came of it, for the funder."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.reporting.days import Period
from services.reporting.goals.queries import goals_row
from services.reporting.recompute.indicators import indicators
from services.reporting.recompute.model import Facts
from services.reporting.reports.content import Content, Json, flat
from services.reporting.reports.formatting import Unit as Measure
from services.reporting.reports.formatting import shown
from services.reporting.reports.kinds.kind import Kind
from services.reporting.reports.kinds.progress import SECTIONS
from services.reporting.reports.listed import Column, Listed, Value
from services.reporting.reports.units import unit_of
from services.reporting.reports.words import Words
from shared.database.unit_of_work import Unit

GOALS, INDICATORS = "goals", "indicators"
GENDERS = ("woman", "man", "non_binary", "unknown")


async def given(unit: Unit, at: str, days: Period) -> Json:
    """The goals as the project office has stated them; their values come from the report's own figures."""
    row = await goals_row(unit)
    return {"goals": row["goals"] if row else []}


def lists(facts: Facts, content: Content) -> tuple[Listed, ...]:
    return _goals(content), _indicators(facts, content)


def _goals(content: Content) -> Listed:
    words, language, found = Words(content.order.language), content.order.language, flat(content)
    columns = tuple(Column(name, words(f"goals.{name}")) for name in ("goal", "level", "indicator", "target", "value"))
    rows = tuple(
        (
            one["goal"],
            one["level"],
            indicator["name"],
            _number(indicator["target"], indicator, language),
            _value(indicator, found, language),
        )
        for one in content.given["goals"]
        for indicator in _indicators_of(one)
    )
    return Listed(GOALS, words("list.goals"), columns, rows)


def _indicators_of(goal: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A goal without an indicator is a row too."""
    yield from goal["indicators"] or [{"name": None, "target": None}]


def _value(indicator: Mapping[str, Any], found: Mapping[str, Any], language: str) -> str | None:
    figure = indicator.get("figure")
    return _number(indicator.get("value") if figure is None else found.get(figure), indicator, language)


def _number(value: Any, indicator: Mapping[str, Any], language: str) -> str | None:
    """A value in the unit of its figure; what the office wrote in words as it is."""
    if value is None or isinstance(value, str):
        return value
    if figure := indicator.get("figure"):
        unit = unit_of(figure)
        named = "" if unit in (Measure.SHARE, Measure.MEAN) else f" {Words(language).unit(unit)}"
        return shown(value, unit, language) + named
    return f"{value}".replace(".", "," if language == "sv" else ".")


def _indicators(facts: Facts, content: Content) -> Listed:
    words = Words(content.order.language)
    counted = indicators(facts, content.period.days)
    columns = (
        Column("indicator", words("goals.indicator")),
        *(Column(name, words.named("gender", name), "count") for name in GENDERS),
        Column("total", words("total"), "count"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (f"{name} {words(f'indicator.{name}')}", *(counts[gender] for gender in GENDERS), counts["total"])
        for name, counts in counted.items()
    )
    return Listed(INDICATORS, words("list.indicators"), columns, rows)


KIND = Kind("final", SECTIONS, lists=lists, given=given, with_occasions=True)
