"""Figures of today as the sections of a report read them, and where each number leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from services.reporting.drill.measures import leads_to_rows
from services.reporting.figures.asking import Question
from services.reporting.reports.content import Content, Order
from services.reporting.reports.presentation import Section
from services.reporting.reports.sections.delivery import attested_hours, sessions, trainers
from services.reporting.reports.sections.people import participants, participations
from services.reporting.reports.sections.reading import Reading
from services.reporting.reports.sections.surveys import surveys
from shared.security.roles import Role
from shared.web.pages.languages import LANGUAGE

SECTIONS: Final = (attested_hours, participants, participations, sessions, surveys, trainers)
ROWS: Final = "/uppfoljning/underlag"
NO_TABLE: Final[dict[str, Any]] = {"project": {}, "municipalities": []}
READERS_OF_ROWS: Final = (Role.COORDINATOR, Role.FUNDER)


def reading_of(figures: dict[str, Any], table: dict[str, Any], names: dict[str, Any], code: str | None) -> Reading:
    """What nobody has frozen has no order and no hash."""
    order = Order("", "progress", 1, None, "", code, LANGUAGE.get(), {}, "", {})
    return Reading(Content(order, figures["data_as_of"], {}, 0, "", figures, table, [], names))


def sections_of(reading: Reading) -> list[Section]:
    """Every measure, in the order of a report."""
    return [section(reading) for section in SECTIONS]


def leads(role: Role | None, question: Question) -> Callable[[str], str]:
    """The address of the rows behind a figure; empty for who may not see them, and for what has none."""
    asked = {
        "from": question.first,
        "to": question.last,
        "municipality": question.municipality,
        "course": question.course,
    }
    filters = {name: value for name, value in asked.items() if value is not None}

    def lead(path: str) -> str:
        if role not in READERS_OF_ROWS or not leads_to_rows(path):
            return ""
        return f"{ROWS}?{urlencode({'figure': path, **filters})}"

    return lead
