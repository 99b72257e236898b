"""Reading an uploaded table: CSV or XLSX, to rows of texts by column name. What a column means is not known here.

Runs in a process of its own, within limits of memory and time (`shared.imports.reader`): a file of some kilobytes can
be made to unpack to anything.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.imports.csv_lines import csv_lines
from shared.imports.table import Cell, Line, Note, Row, Table, letters, refused, unreadable, within_limits
from shared.imports.xlsx_lines import xlsx_lines
from shared.security import hidden_numbers
from shared.web.problems import FieldError

ZIP_MAGIC = b"PK\x03\x04"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"
MOST_NAMED = 5
SAMPLES = 3
MOST_OF_A_SAMPLE = 60
ZERO_LOST = re.compile(r"[1-9][0-9]{6,}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_CELL_CHARACTERS = 32_767  # as many as Excel keeps
DIGITS_LOST = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)
EXCEL_ERRORS = frozenset(
    """#N/A #REF! #VALUE! #DIV/0! #NAME? #NULL! #NUM! #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #UNKNOWN! #BUSY!
    #GETTING_DATA #SAKNAS! #REFERENS! #VÄRDEFEL! #DIVISION/0! #NAMN? #SKÄRNING! #OGILTIGT! #BERÄKNA!""".split()
)
FAULTS = {
    "no-column": (
        "den står i en kolumn utan namn på första raden. Ta bort den, eller ge kolumnen ett namn.",
        "it stands in a column without a name in the first row. Delete it, or name the column.",
    ),
    "excel-error": (
        "ett fel i Excel (som #SAKNAS! eller #REFERENS!) i stället för ett värde. Rätta formeln, eller skriv värdet.",
        "an error of Excel (such as #N/A or #REF!) instead of a value. Correct the formula, or write the value.",
    ),
    "digits-lost": (
        "Excel har avrundat talet (som 1,98E+11): siffror saknas. Formatera kolumnen som text och skriv in det igen.",
        "Excel has rounded the number (as 1.98E+11): digits are lost. Format the column as text and enter it again.",
    ),
    "string_too_long": ("texten är för lång. Korta den.", "the text is too long. Shorten it."),
    "personal-number": (
        "ta bort personnumret: det får bara stå i sin egen kolumn.",
        "remove the personal number: it may stand in its own column only.",
    ),
    "zero-lost": (
        "telefonnumret börjar varken med 0 eller +. Excel tar bort nollan: formatera kolumnen som text och skriv den.",
        "the phone number begins neither with 0 nor +. Excel removes the 0: format the column as text and write it.",
    ),
    "not-a-date": (
        "skriv datumet som 2025-03-01. Ett tal som 45717 är Excels nummer för dagen: formatera cellen som datum.",
        "write the date as 2025-03-01. A number such as 45717 is Excel's for the day: format the cell as a date.",
    ),
}
"""What is wrong with a cell by code, and what to do; never with its text."""


@dataclass(frozen=True)
class Expected:
    """What is known of the columns beforehand: where a personal number may stand, what is lost or changed in sheets."""

    personal_numbers: frozenset[str] = frozenset()
    telephones: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Peek:
    """What can be said of a file before anybody knows what its columns mean: their names as they are written, with some
    cells of each.
    """

    columns: tuple[tuple[str, tuple[str, ...]], ...]
    rows: int

    @property
    def names(self) -> list[str]:
        """In small letters, as a table has them."""
        return [name.casefold() for name, _ in self.columns]


def read_table(content: bytes, expected: Expected, fields: Mapping[str, str] | None = None) -> Table:
    """The table of a file. Raises 415 for other kinds of files, 413 beyond the limits, 422 without usable names of
    columns.

    `fields`: what columns are called here, by their names in the file; the others are not looked at.
    """
    written, lines, notes = _opened(content)
    names = {place: name.casefold() for place, name in written.items()}
    if fields is None:
        return Table(tuple(names.values()), tuple(_row(line, names, expected) for line in lines), tuple(notes))
    known = {place: fields[name] for place, name in names.items() if name in fields}
    ignored = {place for place, name in names.items() if name and name not in fields}
    meant = ((number, [cell for cell in cells if cell.column not in ignored]) for number, cells in lines)
    return Table(tuple(known.values()), tuple(_row(line, known, expected) for line in meant), tuple(notes))


def peek(content: bytes) -> Peek:
    """The names of the columns, each with its first cells, in which personal numbers are masked. Raises as
    `read_table`.
    """
    names, lines, _ = _opened(content)
    samples: dict[int, list[str]] = {place: [] for place in names}
    rows = 0
    for _, cells in lines:
        rows += 1
        for cell in cells:
            seen = samples.get(cell.column)
            if seen is not None and len(seen) < SAMPLES:
                seen.append(hidden_numbers.masked(_normal(cell.text)[:MOST_OF_A_SAMPLE]))
    return Peek(tuple((name, tuple(samples[place])) for place, name in names.items()), rows)


def _opened(content: bytes) -> tuple[dict[int, str], Iterator[Line], Sequence[Note]]:
    if content.startswith(OLD_EXCEL_MAGIC):
        raise unreadable()
    lines, notes = (xlsx_lines if content.startswith(ZIP_MAGIC) else csv_lines)(content)
    filled = within_limits(lines)
    header = next(filled, None)
    if header is None:
        raise refused("empty", "Filen är tom.", "The file is empty.")
    return _names(header), filled, notes


def _names(header: Line) -> dict[int, str]:
    """The columns' names by their place, as they are written. Raises 422 for one that stands twice, in whatever
    letters, and for a row of people.
    """
    names = {cell.column: _normal(cell.text) for cell in header[1]}
    if any(hidden_numbers.stands_in(name) for name in names.values()):
        raise refused(
            "personal-number",
            "Ett personnummer står på den första raden. Den ska hålla kolumnernas namn.",
            "A personal number stands in the first row. That must hold the names of the columns.",
        )
    counted = Counter(map(str.casefold, names.values()))
    twice = sorted(name[:60] for name, count in counted.items() if count > 1)
    if twice:
        listed = ", ".join(twice[:MOST_NAMED])
        raise refused(
            "column-twice",
            f"Flera kolumner har samma namn: {listed}. Ta bort eller byt namn på de andra.",
            f"Several columns have the same name: {listed}. Delete or rename the others.",
        )
    return names


def _row(line: Line, names: Mapping[int, str], expected: Expected) -> Row:
    number, cells = line
    texts: dict[str, str] = {}
    faulty: dict[str, str] = {}
    errors: list[FieldError] = []
    for cell in cells:
        name, text = names.get(cell.column, ""), _normal(cell.text)
        code = _fault(cell, name, text, expected)
        if code is None:
            texts[name] = text
        elif len(errors) < MOST_NAMED:
            column, (sv, en) = letters(cell.column), FAULTS[code]
            faulty[name or column] = text
            errors.append(
                FieldError(f"/{name or column}", code, f"Cell {column}{number}: {sv}", f"Cell {column}{number}: {en}")
            )
    return Row(number, texts, tuple(errors), faulty)


def _normal(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _fault(cell: Cell, name: str, text: str, expected: Expected) -> str | None:
    """Why a text cannot be what was meant, whatever its column means."""
    if not name:
        return "no-column"
    if cell.error or text.upper() in EXCEL_ERRORS:
        return "excel-error"
    if DIGITS_LOST.fullmatch(text):
        return "digits-lost"
    if len(text) > MAX_CELL_CHARACTERS:
        return "string_too_long"
    if name not in expected.personal_numbers and hidden_numbers.stands_in(text, telephone=name in expected.telephones):
        return "personal-number"
    if name in expected.telephones and ZERO_LOST.fullmatch(text):
        return "zero-lost"
    return "not-a-date" if name in expected.dates and not DATE.fullmatch(text) else None
