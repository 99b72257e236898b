"""An uploaded file given back with one more column that says what is wrong with each row."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import openpyxl

from shared.imports.csv_lines import records
from shared.imports.reading import ZIP_MAGIC

BOM = "\ufeff"


def marked(content: bytes, head: str, texts: Mapping[int, str]) -> bytes:
    """The same file, as CSV or XLSX as it came, with a last column `head`: the text of each row by its number.

    A file that was given back before has that column already: it is written anew.
    """
    return (_xlsx if content.startswith(ZIP_MAGIC) else _csv)(content, head, texts)


def _csv(content: bytes, head: str, texts: Mapping[int, str]) -> bytes:
    lines, delimiter = records(content)
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(_with_column(lines, head, texts))
    return (BOM + text.getvalue()).encode()


def _xlsx(content: bytes, head: str, texts: Mapping[int, str]) -> bytes:
    """Values only, row by row: a workbook as a whole would take fifty times the size of its file."""
    lines = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for line in _with_column(lines.iter_rows(values_only=True), head, texts):
        sheet.append(line)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _with_column(lines: Iterator[Sequence[Any]], head: str, texts: Mapping[int, str]) -> Iterator[list[Any]]:
    place: int | None = None
    for number, line in enumerate(lines, start=1):
        cells = list(line)
        if place is None:
            if not any(cells):  # above the names of the columns
                yield cells
                continue
            named = [str(cell).strip().casefold() if cell is not None else "" for cell in cells]
            place = named.index(head) if head in named else len(cells)
            text = head
        else:
            text = texts.get(number, "")
        cells += [None] * (place + 1 - len(cells))
        cells[place] = text
        yield cells
