"""What an uploaded table is made of, and its limits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.web.problems import FieldError, Problem, invalid

MAX_COLUMNS = 200
MAX_ROWS = 50_000
MAX_CELLS = 1_000_000
"""Filled ones: 50,000 rows of twenty."""
MAX_CHARACTERS = 20_000_000
MAX_LINES = 1_048_576  # of a sheet, empty ones included


@dataclass(frozen=True)
class Row:
    """One row; `number` as in the sheet, whose row 1 holds the column names. Empty cells are left out.

    `errors` says what is wrong with cells before anybody knows what they mean; those are `faulty`, not among `cells`.
    """

    number: int
    cells: dict[str, str]
    errors: tuple[FieldError, ...] = ()
    faulty: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """What was forgiven, and so has to be said."""

    code: str
    sv: str
    en: str


@dataclass(frozen=True)
class Table:
    """An uploaded table; `columns` in small letters, in their order."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One filled cell; `column` counts from 0. `error`: the sheet could not compute it."""

    column: int
    text: str
    error: bool = False


Line = tuple[int, Sequence[Cell]]
"""A row's number and its filled cells."""


def letters(column: int) -> str:
    """The column's name in a sheet: A, B, …, AA."""
    name, column = "", column + 1
    while column:
        column, place = divmod(column - 1, 26)
        name = chr(ord("A") + place) + name
    return name


def refused(code: str, sv: str, en: str) -> Problem:
    """422 about the file as a whole."""
    return invalid(FieldError("/file", code, sv, en))


def column_missing(name: str) -> FieldError:
    return FieldError(
        "/file", "column-missing", f"Kolumnen {name} saknas i filen.", f"The file lacks the column {name}."
    )


def too_large(sv: str, en: str) -> Problem:
    """413: the sentences name the limit, and what to do."""
    return Problem("file-too-large", 413, sv, en)


def too_many(most: int, sv: str, en: str) -> Problem:
    """413: more rows, lines, cells or characters than a file may have."""
    return too_large(
        f"Filen har fler än {most:_} {sv}. Dela upp den.".replace("_", "\u00a0"),
        f"The file has more than {most:,} {en}. Split it.",
    )


def too_wide(number: int, column: int) -> Problem:
    """413: a row goes too far to the right."""
    where = letters(column)
    return too_large(
        f"Rad {number} går ut till kolumn {where}, och en fil får ha {MAX_COLUMNS} kolumner. Ta bort det som står till "
        "höger om tabellen.",
        f"Row {number} extends to column {where}, and a file may have {MAX_COLUMNS} columns. Delete what stands to the "
        "right of the table.",
    )


def unreadable() -> Problem:
    """415: neither CSV nor XLSX."""
    return Problem(
        "unsupported-file",
        415,
        "Filen går inte att läsa. Spara den som CSV (UTF-8, UTF-16 eller Windows-1252) eller som XLSX.",
        "The file cannot be read. Save it as CSV (UTF-8, UTF-16 or Windows-1252) or as XLSX.",
    )


def within_limits(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines with anything in them. Raises 413 as soon as they are more than one import takes."""
    rows = cells = characters = 0
    for number, line in lines:
        if number > MAX_LINES:
            raise too_many(MAX_LINES, "rader, de tomma inräknade", "lines, empty ones included")
        if not line:
            continue
        if line[-1].column >= MAX_COLUMNS:
            raise too_wide(number, line[-1].column)
        rows += 1
        cells += len(line)
        characters += sum(len(cell.text) for cell in line)
        if rows > MAX_ROWS + 1:  # one holds the names
            raise too_many(MAX_ROWS, "rader", "rows")
        if cells > MAX_CELLS:
            raise too_many(MAX_CELLS, "ifyllda celler", "filled cells")
        if characters > MAX_CHARACTERS:
            raise too_many(MAX_CHARACTERS, "tecken", "characters")
        yield number, line
