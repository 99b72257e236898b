"""Reading a report's file, in a process with limits: nobody knows yet whether it is one."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import openpyxl

from services.booking.named_copies.rules import PARTICIPANT, Rows, Value
from shared.imports.xlsx_lines import check_parts
from shared.web.problems import Problem

HEAD_ROW: Final = 3


def lists_in(content: bytes) -> tuple[Rows, ...]:
    """The lists with a participant in each row; none of what is no report. Raises 413 for what unpacks to too much."""
    try:
        return tuple(_of_workbook(content) if zipfile.is_zipfile(io.BytesIO(content)) else _of_json(content))
    except (Problem, MemoryError):
        raise
    except Exception:  # of a damaged file come many kinds; each means that this is no report
        return ()


def _of_json(content: bytes) -> Iterator[Rows]:
    for one in json.loads(content)["rows"].get("lists", ()):
        names = [column["name"] for column in one["columns"]]
        if PARTICIPANT in names:
            head = tuple(str(column["title"]) for column in one["columns"])
            yield Rows(str(one["title"]), head, names.index(PARTICIPANT), tuple(tuple(row) for row in one["rows"]))


def _of_workbook(content: bytes) -> Iterator[Rows]:
    """The sheets whose head says where the participants stand: below the report's title and its digest."""
    check_parts(content)
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        lines = sheet.iter_rows(min_row=HEAD_ROW, values_only=True)
        head = tuple(str(cell) for cell in next(lines, ()) if cell is not None)
        places = [place for place, text in enumerate(head) if PARTICIPANT in text]
        if places:
            yield Rows(sheet.title, head, places[0], tuple(_cells(lines, len(head))))


def _cells(lines: Iterable[tuple[Any, ...]], width: int) -> Iterator[tuple[Value, ...]]:
    for line in lines:
        cells = (*line, *[None] * width)[:width]
        yield tuple(cell.date().isoformat() if isinstance(cell, datetime) else cell for cell in cells)
