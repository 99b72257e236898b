"""The lines of a CSV file: UTF-8, UTF-16 with its mark, or Windows-1252; comma, semicolon, tab, or what `sep=` says."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

from shared.imports.table import MAX_COLUMNS, Cell, Line, Note, refused, too_wide, unreadable

DELIMITERS = ",;\t"
MAX_FIELD = 131_072  # characters: four times what Excel keeps in a cell; longer means a quote that does not end
SEPARATOR_LINE = re.compile(r"sep=([^\r\n\"])(?:\r\n|\r|\n|\Z)", re.IGNORECASE)
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NOT_UTF_8 = Note(
    "windows-1252",
    "Filen är inte i UTF-8 och lästes som Windows-1252. Kontrollera å, ä och ö.",
    "The file is not in UTF-8 and was read as Windows-1252. Check letters with accents.",
)


def csv_lines(content: bytes) -> tuple[Iterator[Line], Sequence[Note]]:
    """The lines, read as they are asked for, and what was forgiven. Raises 415 for what is no text."""
    text, delimiter, notes = _opened(content)
    return _lines(text, delimiter), notes


def records(content: bytes) -> tuple[Iterator[list[str]], str]:
    """The cells of each line as they stand in a file that `csv_lines` reads, and what is between them."""
    text, delimiter, _ = _opened(content)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), delimiter


def _opened(content: bytes) -> tuple[str, str, Sequence[Note]]:
    text, notes = _decoded(content)
    if "\x00" in text:
        raise unreadable()
    if named := SEPARATOR_LINE.match(text):  # for Excel, which shows no such row
        return text[named.end() :], named[1], notes
    header = text.lstrip("\r\n").partition("\n")[0]
    return text, max(DELIMITERS, key=header.count), notes


def _decoded(content: bytes) -> tuple[str, Sequence[Note]]:
    marked = "utf-16" if content.startswith(UTF_16) else "utf-8-sig"
    try:
        return content.decode(marked), ()
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), (NOT_UTF_8,)
    except UnicodeDecodeError:
        raise unreadable() from None


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    csv.field_size_limit(MAX_FIELD)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            record = next(records, None)
        except csv.Error:
            raise _quotes(number) from None
        if record is None:
            return
        yield number, _cells(number, record)


def _cells(number: int, record: Sequence[str]) -> list[Cell]:
    cells = [Cell(column, text.strip()) for column, text in enumerate(record) if text and not text.isspace()]
    if cells and cells[-1].column >= MAX_COLUMNS:
        raise too_wide(number, cells[-1].column)
    return cells


def _quotes(number: int) -> Exception:
    return refused(
        "quotes",
        f'Rad {number} går inte att läsa: ett citattecken (") är inte avslutat, eller står mitt i en cell utan att '
        "vara dubbelt. Rätta raden, eller spara filen som XLSX.",
        f'Row {number} cannot be read: a quotation mark (") is not closed, or stands within a cell without being '
        "doubled. Correct the row, or save the file as XLSX.",
    )
