"""Whatever is uploaded: a table, or a refusal that says what to do. Nothing else comes out of reading."""

import io
import zipfile

from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.exceptions import IllegalCharacterError

from shared.imports.reading import Expected, read_table
from shared.imports.table import MAX_COLUMNS, MAX_ROWS, Table
from shared.web.problems import Problem
from tests.support.workbooks import workbook, written_by_hand

EXPECTED = Expected(frozenset({"personal_number"}), frozenset({"phone"}), frozenset({"valid_from"}))
NAMES = st.sampled_from(["personal_number", "phone", "valid_from", "title", "", "a"])
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["#N/A", "45717", "1E+11", "701234567", "19811218-9876", '"', "\x00", "\ufeff"]
)
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.datetimes() | TEXTS
PLACES = st.from_regex(r"[A-Z]{0,4}[0-9]{0,8}", fullmatch=True)
TYPES = st.sampled_from(["n", "s", "str", "b", "d", "e", "inlineStr", "x", ""])
ATTRIBUTES = st.text("abcdefXYZ0123456789-.:#", max_size=10)


def check(content: bytes) -> None:
    read = table_or_problem(content)
    if isinstance(read, Problem):
        assert read.status in (413, 415, 422)
        assert read.sv
        assert read.en
        assert "9876" not in str(read.body("sv"))
    else:
        check_table(read)


def table_or_problem(content: bytes) -> Table | Problem:
    try:
        return read_table(content, EXPECTED)
    except Problem as problem:
        return problem


def check_table(table: Table) -> None:
    assert len(table.columns) <= MAX_COLUMNS
    assert len(table.rows) <= MAX_ROWS
    numbers = [row.number for row in table.rows]
    assert numbers == sorted(set(numbers))
    for row in table.rows:
        assert row.cells.keys() <= set(table.columns)
        assert all(text == text.strip() != "" for text in row.cells.values())
        assert "9876" not in str(row.errors)
        assert all("9876" not in text for name, text in row.cells.items() if name != "personal_number")


@given(st.binary(max_size=400))
@example(b"sep=;\n")
@example(b"\xff\xfe\x00")
@example(b"PK\x03\x04")
def test_any_bytes(content: bytes) -> None:
    check(content)


@given(
    st.lists(NAMES, max_size=6),
    st.lists(st.lists(TEXTS, max_size=7), max_size=5),
    st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
)
def test_any_csv(names: list[str], rows: list[list[str]], delimiter: str, encoding: str) -> None:
    lines = [delimiter.join(line) for line in (names, *rows)]
    check("\r\n".join(lines).encode(encoding, errors="replace"))


@settings(max_examples=60)
@given(
    st.lists(NAMES, max_size=6),
    st.lists(st.lists(VALUES, max_size=7), max_size=4),
    st.sampled_from(["0000", "yyyy-mm-dd"]),
)
def test_any_workbook(names: list[str], rows: list[list[object]], shown_as: str) -> None:
    try:
        content = workbook([names, *rows], formats={"A2": shown_as})
    except (ValueError, IllegalCharacterError):  # what openpyxl itself does not write
        return
    check(content)


@settings(max_examples=100)
@given(st.lists(st.tuples(PLACES, TYPES, ATTRIBUTES, st.integers(0, 3)), max_size=6), st.integers(0, 2**33))
def test_any_cells_that_nobody_would_write(cells: list[tuple[str, str, str, int]], far: int) -> None:
    written = "".join(
        f'<c r="{place}" t="{kind}" s="{style}"><v>{value}</v></c>' for place, kind, value, style in cells
    )
    near = min(far, 2_000_000)
    check(written_by_hand(f'<row r="1">{written}</row><row r="{near}">{written}</row>', strings="<si><t>a</t></si>"))


@settings(max_examples=60)
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=8))
def test_any_damaged_workbook(place: int, damage: bytes) -> None:
    whole = workbook([["a", "b"], [1, 2]])
    at = place % len(whole)
    check(whole[:at] + damage + whole[at + len(damage) :])


@settings(max_examples=40)
@given(st.sampled_from(["xl/workbook.xml", "[Content_Types].xml", "xl/worksheets/sheet1.xml"]), st.binary(max_size=60))
def test_any_part_in_the_place_of_another(name: str, content: bytes) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["a"], [1]]))) as whole, zipfile.ZipFile(file, "w") as package:
        for part in whole.namelist():
            package.writestr(part, content if part == name else whole.read(part))
    check(file.getvalue())
