"""Reads the rows behind a figure: by the same expressions that the figure is counted from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from services.reporting.drill.measures import MEASURES
from services.reporting.figures.asking import Question, Statement, ask
from services.reporting.figures.figures import MEASURED_OF_ALL, MEASURED_OF_ONE
from services.reporting.figures.project import spelled
from shared.database.unit_of_work import Unit

_OCCASIONS: Final = """
    SELECT session_id, occasion_id, course, host_municipality, day, starts_at, ends_at
      FROM {at}.sessions JOIN {at}.occasions USING (session_id)
     WHERE session_id = ANY (:ids)
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """What a figure is, and a page of its rows, each with its place in their order. Of no value nothing is told."""

    value: int | None
    rows: list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Occasion:
    """An occasion of a session as it is known now."""

    session_id: UUID
    occasion_id: UUID
    course: str
    host_municipality: str
    day: date
    starts_at: datetime
    ends_at: datetime


@cache
def _statement(name: str, of_one: bool) -> Statement:
    rows = MEASURES[name]
    of = rows.of.replace("{0}", "CAST(:key AS text)").replace("{1}", "CAST(:second AS text)")
    untold = rows.untold.replace("{0}", "CAST(:key AS text)")
    counted_from = MEASURED_OF_ONE if of_one else MEASURED_OF_ALL
    return Statement(
        [*counted_from, *rows.more, f"behind AS MATERIALIZED (SELECT {rows.columns} FROM {of})"],
        f"""
        SELECT (SELECT {rows.value} FROM behind) AS value, {untold} AS is_untold,
               (SELECT coalesce(jsonb_agg(jsonb_build_array(place, shown)), '[]')
                  FROM (SELECT CAST(behind AS text) AS place, jsonb_strip_nulls(to_jsonb(behind)) AS shown FROM behind
                         WHERE CAST(:after AS text) IS NULL OR CAST(behind AS text) > CAST(:after AS text)
                         ORDER BY 1 LIMIT :fetch) AS page) AS page
        """,
    )


async def behind(
    unit: Unit, at: str, name: str, keys: tuple[str, ...], question: Question, *, after: str | None, fetch: int
) -> Behind:
    """A figure and its rows, by day where they have one. `name` and `keys` are those of `measures.found`."""
    rows, of_one = MEASURES[name], question.municipality is not None
    if (of_one and rows.projects) or (question.course is not None and not rows.takes_course):
        return Behind(None, [])
    if rows.from_the_beginning:
        question = replace(question, first=date.min)
    key, second = (*keys, None, None)[:2]
    [answer] = await ask(
        unit,
        at,
        _statement(name, of_one),
        await spelled(unit, at, question),
        key=key,
        second=second,
        after=after,
        fetch=fetch,
    )
    if answer["is_untold"]:
        return Behind(None, [])
    return Behind(answer["value"], [(place, shown) for place, shown in answer["page"]])


async def occasions_of(unit: Unit, at: str, sessions: Iterable[UUID]) -> list[Occasion]:
    """All occasions of the sessions of some rows, which say what course it is, where and when."""
    async with unit.as_system():
        rows = await unit.all(text(_OCCASIONS.replace("{at}", at)), {"ids": list(set(sessions))})
    return [Occasion(**row) for row in rows]
