"""The rows behind a figure of a frozen report: those that were stored with it, counted as its verification does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request

from services.reporting.drill.bodies import DrillRowShown, DrillShown
from services.reporting.drill.measures import SHARES, found
from services.reporting.drill.problems import is_rounded, is_share, not_told, unknown_figure
from services.reporting.recompute.behind import behind
from services.reporting.reports import queries
from services.reporting.reports.content import Content, canonical, content_of, flat
from services.reporting.reports.http import frozen_report
from services.reporting.reports.kinds.register import KINDS
from services.reporting.reports.rows import InputRow, facts_of
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page
from shared.workshop import Workshop

Row = tuple[str, dict[str, Any]]
"""With its place in the order of the list."""


async def drill_report(unit: Unit, request: Request, report_id: UUID, figure: str, page: Page) -> DrillShown:
    """A figure of a report and a page of its rows. Raises 404, 409 for one that is not frozen, and 422."""
    if KINDS[(await frozen_report(unit, report_id))["kind"]].released:
        raise is_rounded()
    if SHARES.fullmatch(figure):
        raise is_share()
    if found(figure) is None:
        raise unknown_figure()
    async with unit.as_system():
        document, stored = await queries.document(unit, report_id), await queries.rows(unit, report_id)
    workshop: Workshop = request.app.state.workshop
    told = await workshop.run(rows_of_figure, document, stored, figure)
    if told is None:
        raise not_told()
    value, rows = told
    after = page.last(str)
    coming = [row for row in rows if after is None or row[0] > after]
    listed = page.answer(coming[: page.fetch], lambda row: [row[0]], lambda row: DrillRowShown.model_validate(row[1]))
    return DrillShown(figure=figure, value=value, items=listed.items, next=listed.next)


def rows_of_figure(
    document: Mapping[str, Any], stored: Sequence[InputRow], figure: str
) -> tuple[int, list[Row]] | None:
    """A figure as the report says it, and its rows by their text; None for what the report does not tell."""
    content = content_of(document)
    of = found(figure)
    assert of is not None
    as_of = datetime.fromisoformat(content.data_as_of) if content.data_as_of else None
    facts = replace(facts_of(stored, content.order.cut_off, as_of), rules=content.rule_versions["figures"])
    rows = behind(facts, content.period.days, content.order.municipality, *of)
    value = _value(content, figure, len(rows))
    if value is None:
        return None
    return value, sorted(((_place(row), row) for row in rows), key=lambda one: one[0])


def _value(content: Content, figure: str, rows: int) -> int | None:
    """Indicators stand in no report but as a list; what is in no distribution, and has no rows, is 0. None for what the
    report does not tell: by itself, with all of its group, or though there are rows of it.
    """
    if figure.startswith("EECO"):
        return rows
    told, parts = flat(content), figure.split(".")
    if figure in told:
        stated: int | None = told[figure]
        return stated
    groups = [".".join(parts[:end]) for end in range(1, len(parts))]
    untold = content.figures.get(parts[0], 0) is None or any(told.get(group, 0) is None for group in groups)
    return None if untold or rows else 0


def _place(row: Mapping[str, Any]) -> str:
    """By day, where a row has one."""
    plain = {name: value if isinstance(value, int) else str(value) for name, value in row.items()}
    return f"{row.get('day', '')} {canonical(plain).decode()}"
