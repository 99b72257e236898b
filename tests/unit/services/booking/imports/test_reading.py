"""Reading uploaded tables: encodings, separators, workbooks, and what is no table."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from services.booking.imports.reading import Row, read_table
from shared.web.problems import Problem

TEXT = "Given_Name;title\nÅsa;Undersköterska\n"
ROW = Row(2, {"given_name": "Åsa", "title": "Undersköterska"})


def workbook(*rows: list[Any]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_encoding_and_separator_gives_the_same_rows(encoding: str, delimiter: str) -> None:
    assert read_table(TEXT.replace(";", delimiter).encode(encoding)).rows == (ROW,)


def test_row_numbers_are_those_of_the_file_and_empty_rows_are_left_out() -> None:
    table = read_table(b"a,b\n1,2\n,\n\n3,4\n")
    assert [row.number for row in table.rows] == [2, 5]


def test_quoted_cells_may_hold_separators_and_line_ends() -> None:
    assert read_table(b'a;b\r\n"x;y";"1\r\n2"\r\n').rows[0].cells == {"a": "x;y", "b": "1\r\n2"}


def test_a_row_shorter_than_the_header_lacks_the_last_cells() -> None:
    assert read_table(b"a,b\n1\n").rows[0].cells == {"a": "1"}


def test_a_workbook_gives_texts_as_a_csv_file_would() -> None:
    content = workbook(["personal_number", "valid_from", "protected_identity"], [198112189876, date(2025, 3, 1), True])
    cells = {"personal_number": "198112189876", "valid_from": "2025-03-01", "protected_identity": "true"}
    assert read_table(content).rows == (Row(2, cells),)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 no workbook", b"\xd0\xcf\x11\xe0 old", b"\x00\x01\x02", b"a\x81\xff,b"]
)
def test_other_files_are_refused_with_what_to_do(content: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read_table(content)
    assert (refused.value.status, "XLSX" in refused.value.en) == (415, True)


@pytest.mark.parametrize("content", [b"", b"\n\n", b";;\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read_table(content)
    assert refused.value.errors[0].code == "empty"


def test_a_column_that_stands_twice_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        read_table(b"email,Email\na@b.se,c@d.se\n")
    assert refused.value.errors[0].code == "column-twice"
