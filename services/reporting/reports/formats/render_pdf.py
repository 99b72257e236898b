"""The PDF of a report: tagged, PDF/UA-1, in the report's language, and the same bytes for the same content."""

import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

from services.reporting.reports.content import Content
from services.reporting.reports.formats.markdown import to_tree
from services.reporting.reports.listed import Listed, shown_in
from services.reporting.reports.presentation import Presentation, Section, Table
from services.reporting.reports.words import Words
from shared.documents.typeface import REPLACEMENT, drawable, replaced
from shared.documents.typesetting import typeset

_HERE = Path(__file__).parent
_TEMPLATE = _HERE / "templates" / "report.typ"
MOST_NAMED = 20
WORDS = (
    "page",
    "of",
    "eu",
    "eu_emblem",
    "about",
    "about_intro",
    "other_files",
    "cut_off",
    "stream",
    "positions",
    "about.caption",
    "about.item",
    "about.value",
    "about.rules",
    "rules.name",
    "rules.value",
)


def render_pdf(content: Content, shown: Presentation) -> bytes:
    """The time is the report's own. Its notes name the characters that the fonts do not have."""
    data = _data(content, shown)
    data["not_shown"] = _note_of(replaced(data), Words(shown.language))
    return typeset(_TEMPLATE, data, datetime.fromisoformat(content.order.created_at))


def _note_of(characters: list[str], words: Words) -> str | None:
    if not characters:
        return None
    named = ", ".join(f"U+{ord(each):04X} {unicodedata.name(each, '')}".strip() for each in characters[:MOST_NAMED])
    return words("not_shown", square=REPLACEMENT, characters=named + (" …" if len(characters) > MOST_NAMED else ""))


def _data(content: Content, shown: Presentation) -> dict[str, Any]:
    words = Words(shown.language)
    return {
        "words": {name.replace(".", "_"): words(name) for name in WORDS},
        "language": shown.language,
        "id": content.order.id,
        "version_words": words("version", version=content.order.version),
        "hash": content.hash,
        "project": shown.project,
        "title": shown.title,
        "subtitle": shown.subtitle,
        "period_line": shown.period_line,
        "key_figures": [{"label": row.label, "value": row.cells[0].text(shown.language)} for row in shown.key_figures],
        "sections": [_section(section, shown.language) for section in shown.sections],
        "texts": [{"heading": heading, "nodes": to_tree(text)} for heading, text in shown.texts],
        "about": shown.about,
        "rules": shown.rules,
        "positions": shown.positions,
    }


def _section(section: Section, language: str) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "paragraphs": section.paragraphs,
        "tables": [_table(table, language) for table in section.tables],
        "lists": [_listed(one, language) for one in section.lists if one.rows],
        "charts": [{"title": chart.title, "alt": chart.alt, "svg": drawable(chart.svg)} for chart in section.charts],
    }


def _listed(one: Listed, language: str) -> dict[str, Any]:
    return {
        "caption": Words(language)("list.caption", title=one.title, count=len(one.rows)),
        "columns": [{"title": column.title, "form": column.form} for column in one.columns],
        "rows": [[shown_in(column, value) for column, value in zip(one.columns, row, strict=True)] for row in one.rows],
    }


def _table(table: Table, language: str) -> dict[str, Any]:
    rows = [
        {"label": row.label, "cells": [cell.text(language) for cell in row.cells], "total": row.total}
        for row in table.rows
    ]
    return {"caption": table.caption, "header": table.header, "rows": rows}
