"""A file given back with what is wrong: as it came, with one more column."""

import io

import openpyxl
import pytest

from shared.imports.marking import marked
from shared.imports.reading import peek
from tests.support.workbooks import workbook

LINES = [["Namn", "Anställd"], ["Åsa", "2027-03-02"], ["Bo; den yngre", ""]]


def test_a_csv_file_keeps_its_cells_and_its_delimiter() -> None:
    content = 'Namn;Anställd\r\nÅsa;2027-03-02\r\n"Bo; den yngre";\r\n'.encode("cp1252")
    text = marked(content, "fel", {3: "Fyll i cellen."}).decode("utf-8-sig")
    assert text == 'Namn;Anställd;fel\r\nÅsa;2027-03-02;\r\n"Bo; den yngre";;Fyll i cellen.\r\n'


def test_a_workbook_comes_back_as_one() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(marked(workbook(LINES), "fel", {2: "Fel dag."}))).worksheets[0]
    assert [list(row) for row in sheet.iter_rows(values_only=True, max_row=2)] == [
        ["Namn", "Anställd", "fel"],
        ["Åsa", "2027-03-02", "Fel dag."],
    ]


@pytest.mark.parametrize("content", [b"Namn,Dag\nBo,1\n", workbook([["Namn", "Dag"], ["Bo", "1"]])])
def test_a_file_that_was_given_back_before_has_the_column_once(content: bytes) -> None:
    again = marked(marked(content, "fel", {2: "Fel."}), "fel", {2: "Fortfarande fel."})
    assert peek(again).columns == (("Namn", ("Bo",)), ("Dag", ("1",)), ("fel", ("Fortfarande fel.",)))


def test_cells_that_are_shown_hide_the_end_of_a_number() -> None:
    found = peek(b"pnr;namn\n19811218-9876;Maja\n")
    assert found.columns == (("pnr", ("19811218-••••",)), ("namn", ("Maja",)))
    assert found.rows == 1
