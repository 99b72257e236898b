"""The lines of a workbook's first sheet. What the file declares about its own size is not believed."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

import openpyxl
from openpyxl.cell.read_only import EMPTY_CELL

from shared.imports.table import MAX_COLUMNS, MAX_LINES, Cell, Line, Note, refused, too_large, too_wide, unreadable
from shared.web.problems import Problem

MAX_UNPACKED_BYTES = 200_000_000
MAX_PART_BYTES = 50_000_000  # of each part but the sheets: those are read into memory as a whole
MAX_PARTS = 2_000
MAX_PLACES = 20_000_000  # cells that the rows span, empty ones included
SHEETS = "xl/worksheets/"
ZEROS = re.compile(r'[0\\ "-]*0[0\\ "-]*')
FIRST_SHEET = Note(
    "first-sheet",
    "Arbetsboken har flera blad. Bara det första lästes.",
    "The workbook has several sheets. Only the first one was read.",
)


def xlsx_lines(content: bytes) -> tuple[Iterator[Line], Sequence[Note]]:
    """The lines, read as they are asked for, and what was forgiven. Raises 413 for what unpacks to too much, 415."""
    warnings.simplefilter("ignore")  # openpyxl's, about what it does not read
    try:
        check_parts(content)
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = workbook.worksheets
    except (Problem, MemoryError):
        raise
    except Exception as error:  # openpyxl raises many kinds for a damaged workbook; each means the same to the caller
        raise unreadable() from error
    if not sheets:
        raise unreadable()
    several = len(sheets) > 1
    return _lines(sheets[0], several=several), (FIRST_SHEET,) if several else ()


def check_parts(content: bytes) -> None:
    """Raises 413. A part unpacks to no more than its entry says: the package reader stops there."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = package.infolist()
    whole = [part.file_size for part in parts if not part.filename.startswith(SHEETS)]
    if (
        len(parts) > MAX_PARTS
        or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES
        or max(whole, default=0) > MAX_PART_BYTES
    ):
        most, most_text = MAX_UNPACKED_BYTES // 1_000_000, MAX_PART_BYTES // 1_000_000
        raise too_large(
            f"Arbetsboken är uppackad större än {most} MB, eller har mer än {most_text} MB text. Dela upp den.",
            f"The workbook is larger than {most} MB unpacked, or holds more than {most_text} MB of text. Split it.",
        )


def _lines(sheet: Any, *, several: bool) -> Iterator[Line]:
    sheet.reset_dimensions()
    places, empty = 0, True
    try:
        for number, row in enumerate(sheet.iter_rows(), start=1):
            places += len(row)
            if places > MAX_PLACES:
                raise too_wide(number, len(row) - 1)
            line = _cells(number, row)
            empty = empty and not line
            yield number, line
            if number > MAX_LINES:
                break
    except (Problem, MemoryError):
        raise
    except Exception as error:
        raise unreadable() from error
    if empty and several:
        raise refused(
            "first-sheet-empty",
            "Arbetsbokens första blad är tomt, och bara det läses. Lägg tabellen först.",
            "The first sheet of the workbook is empty, and only that is read. Put the table first.",
        )


def _cells(number: int, row: Sequence[Any]) -> list[Cell]:
    cells = []
    for column, cell in enumerate(row):
        if cell is not EMPTY_CELL and (text := _text(cell)):
            if column >= MAX_COLUMNS:
                raise too_wide(number, column)
            cells.append(Cell(column, text, cell.data_type == "e"))
    return cells


def _text(cell: Any) -> str:
    """A cell as it would stand in a CSV file."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value).strip()


def _number(value: float, shown_as: str) -> str:
    """A number, with the leading zeros that the sheet shows."""
    if isinstance(value, float) and not value.is_integer():
        return str(value)
    digits = str(int(value))
    return digits.zfill(shown_as.count("0")) if ZEROS.fullmatch(shown_as) else digits
