"""What became of the rows of a file, as people read it: by the file's own rows, columns and cells. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from shared.imports.reading import Peek
from shared.imports.table import Row, Table
from shared.security import hidden_numbers
from shared.uploads.kinds import FileKind

NUMBER = "personal_number"
HEADS = {"sv": "fel", "en": "error"}
MISSING = ("Fyll i cellen.", "Fill in the cell.")
Plain = Mapping[tuple[str, str], tuple[str, str]]
"""What the API calls a field is not what a file calls a cell. By field and code."""


def called(kind: FileKind, peek: Peek, columns: Mapping[str, str], language: str) -> dict[str, str]:
    """What each field is called: as its column is in the file, else as our pages call it. `columns` has the names in
    small letters.
    """
    ours = {field.name: field.sv if language == "sv" else field.en for field in kind.fields}
    written = zip(peek.columns, peek.names, strict=True)
    return ours | {columns[folded]: name for (name, _), folded in written if folded in columns}


def report_of(
    answer: Mapping[str, Any], table: Table, names: Mapping[str, str], plain: Plain, language: str
) -> dict[str, Any]:
    """The answer of an import: each wrong cell as `{row, column, value, message}`, without personal numbers; `names`:
    what each field is called.
    """
    rows = {row.number: row for row in table.rows}
    lines = [line for each in answer["rows"] for line in _lines(each, rows[each["row"]], names, plain, language)]
    return {"totals": answer["totals"], "notes": answer["notes"], "lines": lines}


def _lines(
    fate: Mapping[str, Any], row: Row, names: Mapping[str, str], plain: Plain, language: str
) -> Iterator[dict[str, Any]]:
    for error in fate["errors"]:
        field = error["pointer"].strip("/")
        value = row.cells.get(field, row.faulty.get(field, ""))
        shown = hidden_numbers.hint(value) if field == NUMBER else hidden_numbers.masked(value)
        code = error["code"]
        said = plain.get((field, code)) or (MISSING if code == "missing" else None)
        message = error["message"] if said is None else said[language != "sv"]
        yield {"row": fate["row"], "column": names.get(field, field), "value": shown, "message": message}


def texts_by_row(report: Mapping[str, Any]) -> dict[int, str]:
    """What is wrong with each row, in one cell."""
    found: dict[int, list[str]] = defaultdict(list)
    for line in report["lines"]:
        found[line["row"]].append(f"{line['column']}: {line['message']}")
    return {row: " ".join(texts) for row, texts in found.items()}
