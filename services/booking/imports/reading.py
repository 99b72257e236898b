"""Reading an uploaded table: CSV (UTF-8 with or without BOM, Windows-1252; comma, semicolon or tab) or XLSX.

Answers rows of texts by column name, with the file's own row numbers. What a column means is not known here.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl

from shared.web.problems import FieldError, Problem, invalid

MAX_ROWS = 50_000
MAX_UNPACKED_BYTES = 200_000_000
DELIMITERS = ",;\t"
ZIP_MAGIC = b"PK\x03\x04"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Row:
    """One row; `number` counts from the file's first line, which holds the column names. Empty cells are left out."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """An uploaded table; `columns` in small letters, in their order."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(content: bytes) -> Table:
    """The table of a file. Raises 415 for other kinds of files, 413 for too many rows, 422 without column names."""
    if content.startswith(ZIP_MAGIC):
        lines = _xlsx_lines(content)
    elif content.startswith(OLD_EXCEL_MAGIC) or b"\x00" in content[:1000]:
        raise _unsupported()
    else:
        lines = _csv_lines(_decoded(content))
    return _table(lines)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unsupported()


def _csv_lines(text: str) -> list[Sequence[str]]:
    header = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise _unsupported() from error


def _xlsx_lines(content: bytes) -> list[Sequence[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED_BYTES:
                raise _too_large()
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        rows = sheet.iter_rows(values_only=True, max_row=MAX_ROWS + 2)
        return [[_cell_text(value) for value in row] for row in rows]
    except Problem:
        raise
    except Exception as error:  # openpyxl raises many kinds for a damaged workbook; each means the same to the caller
        raise _unsupported() from error


def _cell_text(value: Any) -> str:
    """A cell as it would stand in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _table(lines: Iterable[Sequence[str]]) -> Table:
    numbered = [(number, [cell.strip() for cell in line]) for number, line in enumerate(lines, start=1)]
    filled = [(number, line) for number, line in numbered if any(line)]
    if not filled:
        raise invalid(
            FieldError("/file", "empty", "Filen är tom.", "The file is empty."),
        )
    columns = tuple(name.casefold() for name in filled[0][1])
    named = [name for name in columns if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise invalid(
            FieldError(
                "/file",
                "column-twice",
                f"Kolumnen {twice[0]} står två gånger. Ta bort den ena.",
                f"The column {twice[0]} stands twice. Remove one.",
            )
        )
    if len(filled) - 1 > MAX_ROWS:
        raise _too_large()
    return Table(tuple(named), tuple(Row(number, _cells(columns, line)) for number, line in filled[1:]))


def _cells(columns: Sequence[str], line: Sequence[str]) -> dict[str, str]:
    return {name: cell for name, cell in zip(columns, line, strict=False) if name and cell}


def _unsupported() -> Problem:
    return Problem(
        "unsupported-file",
        415,
        "Filen går inte att läsa. Spara den som CSV (UTF-8 eller Windows-1252) eller som XLSX.",
        "The file cannot be read. Save it as CSV (UTF-8 or Windows-1252) or as XLSX.",
    )


def _too_large() -> Problem:
    return Problem(
        "file-too-large",
        413,
        f"Filen har fler än {MAX_ROWS} rader. Dela upp den.",
        f"The file has more than {MAX_ROWS} rows. Split it.",
    )
