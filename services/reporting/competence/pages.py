"""The pages of the competence mapping: a year's matrix, one cell to enter, and a file to take in."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from starlette.requests import Request

from services.reporting.competence.bodies import CellBody, PlaceBody, Year
from services.reporting.competence.enter import enter_cell, remove_cell
from services.reporting.competence.queries import competence, years_entered
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.figures import figures
from services.reporting.figures.project import names_known
from shared.clock import local_day
from shared.sorting import swedish_order
from shared.web.fields import Line
from shared.web.pages import Done, View, _, page_router
from shared.web.problems import not_found
from shared.web.routing import Role, Unit, allow

router = page_router()

PAGE: Final = "/uppfoljning/kompetens"
ONE: Final = f"{PAGE}/{{year}}"
CELL: Final = f"{ONE}/ruta"


@router.get(PAGE)
async def latest_year(unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> Done:
    """The latest year that was mapped."""
    return Done(f"{PAGE}/{max(await years_entered(unit), default=local_day(unit.clock.now()).year)}")


@router.get(ONE)
async def matrix(year: Year, unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> View:
    """Organisations against occupations, and beside them how much each municipality's staff was trained that year."""
    found, revision = await competence(unit, year)
    cells = {cell.place: cell for cell in found.rows}
    organisations = sorted({cell.organisation for cell in found.rows}, key=swedish_order)
    return View(
        "competence/matrix.html",
        revision,
        year=year,
        years=sorted({*await years_entered(unit), year}, reverse=True),
        cells=cells,
        organisations=organisations,
        occupations=sorted({cell.occupation for cell in found.rows}, key=swedish_order),
        participations=await _participations(unit, year) if cells else {},
    )


@router.post(ONE)
async def save_cell(year: Year, body: CellBody, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await enter_cell(unit, request, year, body)
    return Done(f"{PAGE}/{year}", _("Saved."))


@router.get(CELL)
async def one_cell(year: Year, organisation: Line, occupation: Line, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """A cell to change or to take away."""
    found, revision = await competence(unit, year)
    cell = next((cell for cell in found.rows if cell.place == (organisation, occupation)), None)
    if cell is None:
        raise not_found("Rutan", "The cell")
    return View("competence/cell.html", revision, year=year, cell=cell)


@router.post(CELL)
async def change_cell(year: Year, body: CellBody, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await enter_cell(unit, request, year, body)
    return Done(f"{PAGE}/{year}", _("Saved."))


@router.post(f"{CELL}/ta-bort")
async def take_cell_away(year: Year, body: PlaceBody, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await remove_cell(unit, request, year, (body.organisation, body.occupation))
    return Done(f"{PAGE}/{year}", _("The cell is empty now."))


async def _participations(unit: Unit, year: int) -> Mapping[str, int]:
    """Of a year, by the municipality's name, as organisations are called."""
    at = await counting(unit)
    names = (await names_known(unit, at))["municipalities"]
    found = await figures(unit, at, Question(date(year, 1, 1), date(year, 12, 31)))
    return {names.get(code, code): count for code, count in found["participations"]["by_municipality"].items()}
