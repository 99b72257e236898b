"""What a list shows, as a file that a spreadsheet opens with a double click."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.responses import Response

from shared.web.pages.languages import LANGUAGE

FORMULA = ("=", "+", "-", "@", "\t")
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BOM = "\ufeff"  # without it Excel takes the text for Windows-1252


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A CSV file: with semicolons in Swedish, as Swedish spreadsheets have it, with commas in English."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if LANGUAGE.get() == "sv" else ",", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([plain(value) for value in row] for row in rows)
    return file_answer(f"{name}.csv", (BOM + text.getvalue()).encode())


def file_answer(name: str, content: bytes) -> Response:
    """A file to download, CSV or XLSX by its name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=KINDS[name.rpartition(".")[2]], headers=headers)


def plain(value: Any) -> Any:
    """A cell of a CSV file: what a spreadsheet would take for a formula is text."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
