"""Entering a year's matrix: as a whole, or cell by cell from a file."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert
from starlette.requests import Request

from services.reporting.competence.bodies import CellBody, CompetenceBody, CompetenceShown, SheetCellBody
from services.reporting.competence.queries import year_row
from services.reporting.competence.tables import CompetenceYear
from services.reporting.file_tables.bodies import ImportShown
from services.reporting.file_tables.plan import in_our_words, plan
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.imports.reading import Expected
from shared.imports.table import Table
from shared.web.etags import require_if_match
from shared.web.problems import not_found

EXPECTED = Expected()
SWEDISH = {"yrke": "occupation", "nivå": "level", "kommentar": "comment"}
REQUIRED = ("organisation", "occupation", "level")
Cells = dict[tuple[str, str], CellBody]


async def replace_year(unit: Unit, request: Request, year: int, body: CompetenceBody) -> tuple[CompetenceShown, int]:
    """The matrix as stored, and its revision: 1 for the first. Raises 412 and 428."""
    row = await year_row(unit, year, lock=True)
    if row is not None:
        require_if_match(request, row["revision"])
    revision = await _store(unit, year, row, body.rows)
    return CompetenceShown(rows=body.rows), revision


async def enter_cell(unit: Unit, request: Request, year: int, cell: CellBody) -> None:
    """Adds or replaces one cell of a year's matrix. Raises 412 and 428."""
    row = await year_row(unit, year, lock=True)
    if row is not None:
        require_if_match(request, row["revision"])
    await _store(unit, year, row, (_present(row) | {cell.place: cell}).values())


async def remove_cell(unit: Unit, request: Request, year: int, place: tuple[str, str]) -> None:
    """Takes one cell out of a year's matrix; the others stay. Raises 404, 412 and 428."""
    row = await year_row(unit, year, lock=True)
    cells = _present(row)
    if row is None or place not in cells:
        raise not_found("Rutan", "The cell")
    require_if_match(request, row["revision"])
    await _store(unit, year, row, [cell for cell in cells.values() if cell.place != place])


async def import_cells(unit: Unit, year: int, table: Table, *, dry_run: bool, language: str) -> ImportShown:
    """Adds or replaces the cells that a file names, when none of its rows is wrong."""
    row = await year_row(unit, year, lock=not dry_run)
    present = _present(row)
    table = in_our_words(table, SWEDISH)
    found = plan(table, SheetCellBody, REQUIRED, _split, present)
    written = not dry_run and found.is_good
    if written and found.changes:
        await _store(unit, year, row, (present | found.changes).values())
    return found.shown(table, CellBody.model_fields, language, written=written)


def _present(row: RowMapping | None) -> Cells:
    return {cell.place: cell for cell in map(CellBody.model_validate, row["cells"])} if row else {}


def _split(cell: SheetCellBody) -> tuple[tuple[str, str], CellBody]:
    return cell.place, CellBody(**cell.model_dump())


async def _store(unit: Unit, year: int, row: RowMapping | None, cells: Iterable[CellBody]) -> int:
    """Two that enter a year for the first time at once: the later one is refused by the primary key."""
    values: dict[str, Any] = {
        "cells": [cell.model_dump() for cell in cells],
        "revision": (row["revision"] if row else 0) + 1,
    }
    statement = insert(CompetenceYear).values(year=year, **values)
    if row is not None:
        statement = statement.on_conflict_do_update(index_elements=["year"], set_=values)
    await unit.execute(statement)
    before = {"cells": row["cells"]} if row else None
    await record(unit, "competence-entered", f"competence/{year}", before=before, after={"cells": values["cells"]})
    return int(values["revision"])
