"""The figures of a frozen report as sections of a page, in the language of its reader."""

from dataclasses import replace
from typing import Any

from services.reporting.figure_pages.reading import NO_TABLE, sections_of
from services.reporting.reports.content import Content
from services.reporting.reports.formatting import Unit
from services.reporting.reports.kinds.final import INDICATORS
from services.reporting.reports.listed import Listed
from services.reporting.reports.presentation import Row, Section, Table, cell
from services.reporting.reports.sections.cofinancing import cofinancing
from services.reporting.reports.sections.reading import Reading
from shared.web.pages.languages import LANGUAGE


def own_sections(content: Content) -> list[Section]:
    """Co-financing, every measure, and the common indicators where the report lists them."""
    content = replace(content, order=replace(content.order, language=LANGUAGE.get()))
    listed = [_indicators(one) for one in content.lists if one.name == INDICATORS]
    if "municipalities" not in content.cofinancing:  # an evaluation names none
        return [*sections_of(Reading(replace(content, cofinancing=NO_TABLE))), *listed]
    return [cofinancing(Reading(content)), *sections_of(Reading(content)), *listed]


def _indicators(listed: Listed) -> Section:
    header = tuple(column.title for column in listed.columns)
    rows = tuple(_row(listed, str(label), counts) for label, *counts in listed.rows)
    return Section(listed.name, listed.title, tables=(Table(listed.name, listed.title, header, rows),))


def _row(listed: Listed, label: str, counts: list[Any]) -> Row:
    """An indicator is known by the code that its label begins with."""
    names = (column.name for column in listed.columns[1:])
    code = label.partition(" ")[0]
    cells = (cell(f"{code}.{name}", count, Unit.PERSONS) for name, count in zip(names, counts, strict=True))
    return Row(label, tuple(cells))
