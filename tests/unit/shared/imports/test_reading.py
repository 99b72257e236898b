"""Reading uploaded tables: encodings, separators, workbooks, cells that lie, and what is no table."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest

from shared.imports.reading import Expected, read_table
from shared.imports.table import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Row, Table, letters
from shared.web.problems import Problem
from tests.support.workbooks import cell, workbook, written_by_hand

TEXT = "Given_Name;title\nÅsa;Undersköterska\n"
ROW = Row(2, {"given_name": "Åsa", "title": "Undersköterska"})
NUMBER = "19811218-9876"
EXPECTED = Expected(
    personal_numbers=frozenset({"personal_number"}), telephones=frozenset({"phone"}), dates=frozenset({"valid_from"})
)


def read(content: bytes | str) -> Table:
    return read_table(content.encode() if isinstance(content, str) else content, EXPECTED)


def refused(content: bytes | str) -> Problem:
    with pytest.raises(Problem) as problem:
        read(content)
    return problem.value


def faults(content: bytes | str) -> list[tuple[int, str, str]]:
    """Row, pointer and code of every fault in a cell."""
    return [(row.number, error.pointer, error.code) for row in read(content).rows for error in row.errors]


# --- CSV -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_encoding_and_separator_gives_the_same_rows(encoding: str, delimiter: str) -> None:
    assert read(TEXT.replace(";", delimiter).encode(encoding)).rows == (ROW,)


@pytest.mark.parametrize(("encoding", "said"), [("utf-8", []), ("utf-16", []), ("cp1252", ["windows-1252"])])
def test_a_guessed_encoding_is_said(encoding: str, said: list[str]) -> None:
    assert [note.code for note in read(TEXT.encode(encoding)).notes] == said


@pytest.mark.parametrize("line", ["sep=;\n", "sep=;\r\n", "SEP=;\r"])
def test_excels_line_about_the_separator_is_no_row(line: str) -> None:
    assert read(line + TEXT).rows == (ROW,)


def test_a_named_separator_is_used_whatever_it_is() -> None:
    assert read("sep=|\na|b\n1,2|3;4\n").rows[0].cells == {"a": "1,2", "b": "3;4"}


def test_row_numbers_are_those_of_the_sheet_and_empty_rows_are_left_out() -> None:
    table = read('a,b\n1,2\n,\n\n"3\n3\n3",4\n5,6\n')
    assert [row.number for row in table.rows] == [2, 5, 6]


def test_quoted_cells_may_hold_separators_and_line_ends() -> None:
    assert read('a;b\r\n"x;y";"1\r\n2"\r\n').rows[0].cells == {"a": "x;y", "b": "1\r\n2"}


@pytest.mark.parametrize("row", ['"Maja', '"Maja" Lind', '"' + "x" * 200_000])
def test_a_quotation_mark_that_swallows_the_rest_is_named_by_its_row(row: str) -> None:
    problem = refused(f"a,b\n1,2\n{row},b\n5,6\n")
    assert [(error.code, "Row 3 " in error.en) for error in problem.errors] == [("quotes", True)]


def test_texts_are_composed() -> None:
    assert read("given_name\nA\u030asa\n").rows[0].cells == {"given_name": "Åsa"}


# --- rows and columns ------------------------------------------------------------------------------------------------


def test_a_row_shorter_than_the_header_lacks_the_last_cells() -> None:
    assert read("a,b\n1\n").rows[0].cells == {"a": "1"}


@pytest.mark.parametrize("row", ["1,2,3", "1,,3"])
def test_a_cell_beyond_the_header_is_a_fault_of_its_row(row: str) -> None:
    assert faults(f"a,b\n{row}\n1,2,\n") == [(2, "/C", "no-column")]


def test_of_a_row_with_many_faults_some_are_named() -> None:
    assert len(faults("a\n" + ",x" * 150 + "\n")) == 5


def test_a_cell_below_a_column_without_a_name_is_a_fault_of_its_row() -> None:
    assert faults("a,,b\n1,x,2\n1,,2\n") == [(2, "/B", "no-column")]


def test_a_fault_says_where_and_what_to_do_and_not_the_text() -> None:
    [error] = read(f"title,personal_number\n{NUMBER},{NUMBER}\n").rows[0].errors
    assert (error.pointer, error.code) == ("/title", "personal-number")
    assert error.sv.startswith("Cell A2: ta bort personnumret")
    assert error.en.startswith("Cell A2: remove the personal number")
    assert "9876" not in str(error)


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#n/a", "#SAKNAS!", "#DIV/0!", "#VÄRDEFEL!"])
def test_an_error_of_excel_is_no_name(text: str) -> None:
    assert faults(f"given_name\n{text}\n") == [(2, "/given_name", "excel-error")]


@pytest.mark.parametrize("text", ["1.98112E+11", "1,98112E+11", "2E+11"])
def test_a_rounded_number_is_named(text: str) -> None:
    assert faults(f"personal_number;x\n{text};y\n") == [(2, "/personal_number", "digits-lost")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("701234567", "zero-lost"),
        ("0701234567", None),
        ("+46701234567", None),
        ("070-123 45 67", None),
        ("12345", None),
    ],
)
def test_a_telephone_number_whose_zero_was_lost_is_named(text: str, code: str | None) -> None:
    assert [found for *_, found in faults(f"phone\n{text}\n")] == ([code] if code else [])


@pytest.mark.parametrize("text", ["45717", "1740787200", "2025-3-1", "20250301", "01/03/2025", "2025-03-01T00:00:00"])
def test_a_day_is_written_one_way(text: str) -> None:
    assert faults(f"valid_from\n{text}\n2025-03-01\n") == [(2, "/valid_from", "not-a-date")]


def test_columns_of_one_name_are_refused_and_named() -> None:
    problem = refused("email,Email\na@b.se,c@d.se\n")
    assert [(error.code, "email" in error.en) for error in problem.errors] == [("column-twice", True)]


def test_a_person_in_the_place_of_the_names_is_refused_without_repeating_the_number() -> None:
    problem = refused(f"Maja,Lind,{NUMBER}\nBo,Ek,19600101-1234\n")
    assert [error.code for error in problem.errors] == ["personal-number"]
    assert "9876" not in str(problem.body("sv"))


@pytest.mark.parametrize("content", [b"", b"\n\n", b";;\n", workbook([]), workbook([[None, ""]])])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert [error.code for error in refused(content).errors] == ["empty"]


@pytest.mark.parametrize(
    ("content", "limit"),
    [
        (",".join(f"c{number}" for number in range(MAX_COLUMNS + 1)), "200 columns"),
        ("a\n" + "," * MAX_COLUMNS + "x\n", "200 columns"),
        ("a\n" + "x\n" * (MAX_ROWS + 1), "50,000 rows"),
        ("a" + "\n" * 1_048_577 + "b\n", "1,048,576 lines"),
        (
            ",".join(f"c{number}" for number in range(50)) + "\n" + (",".join("1" * 50) + "\n") * 20_001,
            "1,000,000 filled",
        ),
    ],
)
def test_a_limit_is_named(content: str, limit: str) -> None:
    problem = refused(content)
    assert (problem.status, problem.name, limit in problem.en) == (413, "file-too-large", True)


def test_a_file_at_the_limits_is_read() -> None:
    assert len(read("a\n" + "x\n" * MAX_ROWS).rows) == MAX_ROWS
    assert len(read(",".join(f"c{number}" for number in range(MAX_COLUMNS)) + "," * 500).columns) == MAX_COLUMNS
    assert MAX_CELLS >= MAX_ROWS * 17  # the columns of staff


def test_columns_are_named_as_sheets_name_them() -> None:
    assert [letters(column) for column in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


# --- workbooks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown_as", "text"),
    [
        (198112189876, None, "198112189876"),
        (198112189876.0, None, "198112189876"),
        (503031238, "0000000000", "0503031238"),
        (503031238, "000000-0000", "0503031238"),
        (701234567, "0000000000", "0701234567"),
        (1884, "0", "1884"),
        (37.5, None, "37.5"),
        (date(2025, 3, 1), None, "2025-03-01"),
        (datetime(2025, 3, 1), None, "2025-03-01"),  # noqa: DTZ001 # sheets know no zones
        (45717, "yyyy-mm-dd", "2025-03-01"),
        (True, None, "true"),
        ("  Maja ", None, "Maja"),
    ],
)
def test_a_cell_is_what_the_sheet_shows(value: Any, shown_as: str | None, text: str) -> None:
    content = workbook([["personal_number"], [value]], formats={"A2": shown_as} if shown_as else None)
    assert read(content).rows == (Row(2, {"personal_number": text}),)


def test_a_number_that_is_no_date_in_the_sheet_does_not_become_one() -> None:
    assert faults(workbook([["valid_from"], [45717]])) == [(2, "/valid_from", "not-a-date")]


def test_a_formula_that_failed_is_a_fault_of_its_cell() -> None:
    rows = f'<row r="1">{cell("A1", "given_name")}</row><row r="2"><c r="A2" t="e"><v>#PYTHON!</v></c></row>'
    assert faults(written_by_hand(rows)) == [(2, "/given_name", "excel-error")]


def test_a_day_beyond_the_calendar_is_a_fault_of_its_cell() -> None:
    assert faults(workbook([["valid_from"], [10**9]], formats={"A2": "yyyy-mm-dd"})) == [
        (2, "/valid_from", "excel-error")
    ]


def test_rows_are_numbered_as_in_the_sheet() -> None:
    rows = f'<row r="3">{cell("B3", "a")}</row><row r="7">{cell("B7", "x")}</row>'
    assert read(written_by_hand(rows)).rows == (Row(7, {"a": "x"}),)


@pytest.mark.parametrize(
    ("sheets", "notes"), [([[["a"], ["1"]]], []), ([[["a"], ["1"]], [["b"], ["2"]]], ["first-sheet"])]
)
def test_that_other_sheets_were_not_read_is_said(sheets: Sequence[Any], notes: list[str]) -> None:
    table = read(workbook(*sheets))
    assert [row.cells for row in table.rows] == [{"a": "1"}]
    assert [note.code for note in table.notes] == notes


def test_a_first_sheet_without_anything_is_not_taken_for_an_empty_file() -> None:
    assert [error.code for error in refused(workbook([], [["a"], ["1"]])).errors] == ["first-sheet-empty"]


@pytest.mark.parametrize("places", [("A1", "XFD2"), ("A1", "GS2"), ("XFD1", "A2")])
def test_a_cell_far_to_the_right_is_named(places: tuple[str, str]) -> None:
    rows = "".join(f'<row r="{number}">{cell(place, "x")}</row>' for number, place in enumerate(places, start=1))
    problem = refused(written_by_hand(rows))
    assert (problem.status, "200 columns" in problem.en) == (413, True)


def test_formatting_alone_far_to_the_right_is_nothing() -> None:
    rows = f'<row r="1">{cell("A1", "a")}<c r="XFD1" s="0"/></row><row r="2">{cell("A2", "x")}</row>'
    assert read(written_by_hand(rows)).rows == (Row(2, {"a": "x"}),)


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 no workbook", b"\xd0\xcf\x11\xe0 old", b"\x00\x01\x02", b"a\x81\xff,b", "a\n1".encode("utf-32")],
)
def test_other_files_are_refused_with_what_to_do(content: bytes) -> None:
    problem = refused(content)
    assert (problem.status, "XLSX" in problem.en) == (415, True)
