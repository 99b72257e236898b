"""The pages of the economy: a year with what it covers, and a table to take in."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final

from fastapi import File, Form, Query, UploadFile

from services.reporting.economy.http import read_upload
from services.reporting.economy.import_economy import import_economy
from services.reporting.economy.queries import economy, entries_of, years_entered
from services.reporting.figures.asking import counting
from services.reporting.figures.project import project_grant, project_period
from shared.clock import local_day
from shared.imports.reader import Upload
from shared.web.fields import FIRST_YEAR, LAST_YEAR
from shared.web.pages import View, page_router
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import Role, Unit, allow, beforehand

router = page_router()

PAGE: Final = "/uppfoljning/ekonomi"
Year = Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)]


@router.get(PAGE)
async def economy_page(year: Year = None, unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> View:
    """A year's money; without a year the latest of which anything is told."""
    at, years = await counting(unit), await years_entered(unit)
    shown = year or max(years, default=local_day(unit.clock.now()).year)
    rows = await entries_of(unit, shown)
    found = economy(shown, rows, await project_period(unit, at))
    return View(
        "economy/year.html",
        year=shown,
        years=sorted({*years, shown}, reverse=True),
        rows=rows,
        economy=found,
        missing={
            "income": _first_days(found.coverage.income.missing),
            "costs": _first_days(found.coverage.costs.missing),
        },
        grant=await project_grant(unit, at),
    )


def _first_days(months: Sequence[str]) -> list[date]:
    return [date.fromisoformat(f"{month}-01") for month in months]


@router.get(f"{PAGE}/fil")
async def choose_table(unit: Unit = allow(Role.COORDINATOR)) -> View:
    return _file_page()


@router.post(f"{PAGE}/fil")
async def send_table(
    file: Annotated[UploadFile, File()],
    dry_run: Annotated[bool, Form()] = True,
    upload: Upload = beforehand(read_upload),
    unit: Unit = allow(Role.COORDINATOR),
) -> View:
    """The same page, with what became of the rows, or would."""
    return _file_page(await import_economy(unit, upload.table, dry_run=dry_run, language=LANGUAGE.get()))


def _file_page(result: Any = None) -> View:
    return View("economy/file.html", result=result)
