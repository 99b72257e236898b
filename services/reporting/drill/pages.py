"""The page of the rows behind a figure."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Query
from starlette.responses import Response

from services.reporting.drill.bodies import DrillRowShown, DrillShown
from services.reporting.drill.http import Figure, drill
from services.reporting.drill.labels import label
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.http import MunicipalityCode
from services.reporting.figures.project import names_known
from services.reporting.reports.words import Words
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.cursors import Page, Paging
from shared.web.fields import Day, Named
from shared.web.pages import View, page_router
from shared.web.pages.exports import csv_file
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import allow

router = page_router()

ROWS: Final = "/uppfoljning/underlag"
MOST_EXPORTED: Final = 100_000
COLUMNS: Final = tuple(DrillRowShown.model_fields)


@router.get(ROWS)
async def rows(
    figure: Figure,
    first: Annotated[Day, Query(alias="from")],
    last: Annotated[Day, Query(alias="to")],
    page: Paging,
    municipality: MunicipalityCode = None,
    course: Named | None = None,
    unit: Unit = allow(Role.COORDINATOR, Role.FUNDER),
) -> View:
    question = Question(first, last, municipality, course)
    told = await drill(unit, figure, question, page)
    names = await names_known(unit, await counting(unit))
    return View(
        "drill/rows.html",
        label=label(figure, names, Words(LANGUAGE.get())),
        question=question,
        told=told,
        columns=_columns(told),
        names=names,
        words=Words(LANGUAGE.get()),
    )


@router.get(f"{ROWS}.csv")
async def download_rows(
    figure: Figure,
    first: Annotated[Day, Query(alias="from")],
    last: Annotated[Day, Query(alias="to")],
    municipality: MunicipalityCode = None,
    course: Named | None = None,
    unit: Unit = allow(Role.COORDINATOR, Role.FUNDER),
) -> Response:
    told = await drill(unit, figure, Question(first, last, municipality, course), Page(MOST_EXPORTED, None))
    columns = _columns(told)
    return csv_file("underlag", columns, ([str(getattr(one, name) or "") for name in columns] for one in told.items))


def _columns(told: DrillShown) -> list[str]:
    """What these rows have, of all that rows may have."""
    had = {name for one in told.items for name in one.model_fields_set}
    return [name for name in COLUMNS if name in had]
