"""The page of figures: every measure of a period, each number leading to its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.responses import Response

from services.reporting.figure_pages.reading import NO_TABLE, READERS_OF_ROWS, leads, reading_of, sections_of
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.figures import figures, released_figures
from services.reporting.figures.http import MunicipalityCode, own_municipality, refuse_parts_of_months
from services.reporting.figures.project import names_known
from services.reporting.reports.presentation import Section
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.sorting import swedish_order
from shared.web.fields import Day, Named
from shared.web.pages import View, page_router
from shared.web.pages.exports import csv_file
from shared.web.routing import allow

router = page_router()

READERS = (Role.COORDINATOR, Role.FUNDER, Role.MUNICIPALITY, Role.EVALUATOR)


class Asked:
    """The filters of the page, as its address has them."""

    def __init__(
        self,
        first: Annotated[Day | None, Query(alias="from")] = None,
        last: Annotated[Day | None, Query(alias="to")] = None,
        municipality: MunicipalityCode = None,
        course: Named | None = None,
    ) -> None:
        self.first, self.last, self.municipality, self.course = first, last, municipality, course

    def question(self, unit: Unit) -> Question:
        """The running year when no days are asked for; for an evaluator its whole months. Raises 403, 422."""
        today = local_day(unit.clock.now())
        released = unit.role is Role.EVALUATOR
        last = self.last or (today.replace(day=1) - timedelta(days=1) if released else today)
        question = Question(
            self.first or min(last, today).replace(month=1, day=1),
            last,
            own_municipality(unit, self.municipality),
            self.course,
        )
        if released:
            refuse_parts_of_months(question.first, question.last)
        return question


TheAsked = Annotated[Asked, Depends(Asked)]


@router.get("/uppfoljning/siffror")
async def show_figures(asked: TheAsked, unit: Unit = allow(*READERS)) -> View:
    question = asked.question(unit)
    found, names = await _found(unit, question)
    as_of = found["data_as_of"]
    return View(
        "figure_pages/figures.html",
        released=unit.role is Role.EVALUATOR,
        question=question,
        chosen=[one for one in _chosen(asked, names) if one[0] != "municipality" or unit.role is not Role.MUNICIPALITY],
        municipalities=_options(names["municipalities"]),
        courses=_options(names["courses"]),
        as_of=datetime.fromisoformat(as_of) if as_of else None,
        sections=_sections(found, names, question),
        lead=leads(unit.role, question),
        leads_anywhere=unit.role in READERS_OF_ROWS,
    )


@router.get("/uppfoljning/siffror.csv")
async def download_figures(asked: TheAsked, unit: Unit = allow(*READERS)) -> Response:
    question = asked.question(unit)
    sections = _sections(*await _found(unit, question), question)
    name = f"siffror-{question.first}-{question.last}"
    return csv_file(name, ("section", "table", "row", "column", "figure", "value"), _cells(sections))


async def _found(unit: Unit, question: Question) -> tuple[dict[str, Any], dict[str, Any]]:
    at = await counting(unit)
    ask = released_figures if unit.role is Role.EVALUATOR else figures
    return await ask(unit, at, question), await names_known(unit, at)


def _sections(found: dict[str, Any], names: dict[str, Any], question: Question) -> list[Section]:
    return sections_of(reading_of(found, NO_TABLE, names, question.municipality))


def _cells(sections: list[Section]) -> Iterator[tuple[str, ...]]:
    for section in sections:
        for table in section.tables:
            for row in table.rows:
                for head, cell in zip(table.header[1:], row.cells, strict=True):
                    yield section.title, table.caption, row.label, head, cell.path, cell.figure


def _options(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda one: swedish_order(one[1]))


def _chosen(asked: Asked, names: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What may be taken away again."""
    for name, day in (("from", asked.first), ("to", asked.last)):
        if isinstance(day, date):
            yield name, day
    for name, value, known in (
        ("municipality", asked.municipality, names["municipalities"]),
        ("course", asked.course, names["courses"]),
    ):
        if value:
            yield name, known.get(value, value)
