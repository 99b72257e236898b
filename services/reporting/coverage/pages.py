"""The page of the training coverage: titles against the courses that they require."""

from typing import Annotated, Final, Literal

from fastapi import Query

from services.reporting.coverage.queries import coverage
from services.reporting.figures.asking import counting
from services.reporting.figures.http import MunicipalityCode, own_municipality
from services.reporting.figures.project import names_known
from services.reporting.reports.words import Words
from shared.clock import local_day
from shared.web.fields import Named
from shared.web.pages import View, page_router
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import Role, Unit, allow

router = page_router()

PAGE: Final = "/uppfoljning/tackning"


@router.get(PAGE)
async def coverage_page(
    course: Annotated[Named | None, Query()] = None,
    shown: Literal["required", "all"] = "required",
    municipality: MunicipalityCode = None,
    unit: Unit = allow(Role.COORDINATOR, Role.MUNICIPALITY),
) -> View:
    """What the model requires, or what else was attended too; a municipality's own staff, to the office everybody's."""
    at, today, words = await counting(unit), local_day(unit.clock.now()), Words(LANGUAGE.get())
    of = own_municipality(unit, municipality)
    rows = await coverage(unit, at, today, course=course, municipality=of)
    return View(
        "coverage/coverage.html",
        today=today,
        rows=[
            row | {"name": words.named("title", row["title"])}
            for row in rows
            if row["required"] or (row["trained"] and shown == "all")
        ],
        shown=shown,
        course=course,
        municipality=of,
        names=await names_known(unit, at),
    )
