"""A report's rows with names: read from either file alike, masked and marked where they must be."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from services.booking.named_copies.reading import lists_in
from services.booking.named_copies.rendering import as_pdf, as_xlsx
from services.booking.named_copies.rules import Named, Person, Rows, ids_of, masked_number, with_names
from tests.support.events import AT
from tests.unit.services.reporting.reports.test_kinds import frozen, who

ADA = Person("Ada", "=Öberg", protected=False, erased=False, number="198112189876")
HIDDEN = Person("Bea", "Berg", protected=True, erased=False, number="197010632391")
GONE = Person(None, None, protected=False, erased=True)
PEOPLE = {"a": ADA, "b": HIDDEN, "c": GONE}


def rows_of(*values: str, head: str = "Deltagare (participant_id)") -> Rows:
    return Rows("Deltagare", ("Månad", head, "Tid"), 1, tuple(("2025-03", value, 120) for value in values))


def test_a_name_stands_beside_each_id_and_protected_and_erased_people_have_none() -> None:
    named = with_names(rows_of("a", "b", "c", "nobody"), PEOPLE, statistics=False)
    assert named.head == ("Månad", "Deltagare (participant_id)", "Efternamn", "Förnamn", "Tid")
    assert named.rows == (
        ("2025-03", "a", "=Öberg", "Ada", 120),
        ("2025-03", "b", "Skyddad identitet", None, 120),
        ("2025-03", "c", "Raderad", None, 120),
        ("2025-03", "nobody", "Raderad", None, 120),
    )


def test_an_english_report_is_marked_in_english() -> None:
    named = with_names(rows_of("b", "c", head="Participant (participant_id)"), PEOPLE, statistics=False)
    assert [row[2] for row in named.rows] == ["Protected identity", "Erased"]
    assert named.head[2:4] == ("Family name", "Given name")


def test_a_row_of_sums_gets_no_name() -> None:
    one = Rows("Underlag", ("Datum", "Deltagare (participant_id)"), 1, (("Totalt", None),))
    assert with_names(one, {}, statistics=False).rows == (("Totalt", None, None, None),)


def test_the_statistics_file_gets_numbers_in_its_own_columns_and_loses_the_ids() -> None:
    head = ("Deltagare (participant_id)", "Personnummer", "Namn", "Timmar")
    cells = ("{personal_number}", "{family_name}", "4,0")
    one = Rows("Fil", head, 0, tuple((who_, *cells) for who_ in ("a", "b", "c")))
    named = with_names(one, PEOPLE, statistics=True)
    assert named.head == ("Personnummer", "Namn", "Timmar")
    assert named.rows == (
        ("198112189876", "=Öberg", "4,0"),
        ("19701003Tf29", "Skyddad identitet", "4,0"),
        ("Raderad", "Raderad", "4,0"),
    )


@pytest.mark.parametrize(
    ("number", "masked"),
    [("198112189876", "19811218Tf29"), ("197010632391", "19701003Tf29"), ("197000602391", "19700000Tf29")],
)
def test_a_protected_number_shows_the_day_of_birth_alone(number: str, masked: str) -> None:
    assert masked_number(number) == masked


@pytest.mark.parametrize("kind", ["participants", "attendance-certificates", "statistics-file"])
def test_both_files_of_a_report_are_read_alike(kind: str) -> None:
    report = frozen(kind)
    by_json, by_xlsx = lists_in(report.files["json"]), lists_in(report.files["xlsx"])
    assert [(one.head, one.participant, one.rows) for one in by_json] == [
        (one.head, one.participant, one.rows) for one in by_xlsx
    ]
    assert len(by_json) == len(report.content.lists)
    assert who("Ada") in ids_of(by_json)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"rows": 1}', b"PK\x03\x04nonsense", b"[" * 100_000])
def test_what_is_no_report_has_no_lists(content: bytes) -> None:
    assert lists_in(content) == ()


def test_a_report_without_persons_has_no_lists_to_name() -> None:
    assert lists_in(frozen("evaluation").files["json"]) == ()


def test_the_workbook_and_the_pdf_hold_the_same_rows_and_no_formula() -> None:
    named = with_names(rows_of("a", "b"), PEOPLE, statistics=False)
    sheet = load_workbook(BytesIO(as_xlsx("Intyg 2025", [named], "sv", AT))).worksheets[0]
    assert [tuple(row) for row in sheet.iter_rows(values_only=True)] == [named.head, *named.rows]
    assert sheet["C2"].data_type == "s"
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")
    reader = PdfReader(BytesIO(as_pdf("Intyg 2025", [named], "sv", AT)))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert all(part in text for part in ("=Öberg", "Ada", "Skyddad identitet", "Innehåller personuppgifter"))
    root: Any = reader.trailer["/Root"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()


def test_an_empty_list_is_a_file_too() -> None:
    assert as_pdf("Intyg", [Named("Deltagare", ("A",), ())], "sv", AT)
