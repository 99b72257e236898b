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
from services.reporting.reports.words import Words
from shared.web.pages.languages import LANGUAGE


def own_sections(content: Content) -> list[Section]:
    """Co-financing, every measure, and the common indicators where the report lists them."""
    content = replace(content, order=replace(content.order, language=LANGUAGE.get()))
    listed = [_indicators(one) for one in content.lists if one.name == INDICATORS]
    if "municipalities" not in content.cofinancing:  # an evaluation names none
        return [*sections_of(Reading(replace(content, cofinancing=NO_TABLE))), *listed]
    return [cofinancing(Reading(content)), *sections_of(Reading(content)), *listed]


def _indicators(listed: Listed) -> Section:
    """The list is frozen in the report's language: its reader's own words say the same."""
    words, names = Words(LANGUAGE.get()), [column.name for column in listed.columns[1:]]
    header = (
        words("goals.indicator"),
        *(words(name) if words.has(name) else words(f"gender.{name}") for name in names),
    )
    rows = tuple(_row(words, names, str(label), counts) for label, *counts in listed.rows)
    title = words("list.indicators")
    return Section(listed.name, title, tables=(Table(listed.name, title, header, rows),))


def _row(words: Words, names: list[str], label: str, counts: list[Any]) -> Row:
    """An indicator is known by the code that its label begins with."""
    code = label.partition(" ")[0]
    cells = (cell(f"{code}.{name}", count, Unit.PERSONS) for name, count in zip(names, counts, strict=True))
    return Row(f"{code} {words(f'indicator.{code}')}", tuple(cells))
