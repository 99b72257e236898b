"""The five files of a report: they agree with each other in every number, and the same content gives the same bytes."""

import csv
import json
import re
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO, StringIO
from typing import Any
from uuid import NAMESPACE_OID, uuid5
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from services.reporting.reports.charts import columns
from services.reporting.reports.content import Content, canonical, flat, sha256
from services.reporting.reports.formats.render_csv import render_csv
from services.reporting.reports.formats.render_html import render_html
from services.reporting.reports.formats.render_json import render_json
from services.reporting.reports.formats.render_pdf import render_pdf
from services.reporting.reports.formats.render_xlsx import render_xlsx
from services.reporting.reports.formatting import Unit, shown
from services.reporting.reports.frame import present
from services.reporting.reports.listed import Column, Listed
from services.reporting.reports.presentation import Section
from services.reporting.reports.words import Words
from shared.documents.typeface import REPLACEMENT, displayable
from tests.unit.services.reporting.reports.sample import COURSES, content_in, credited

LANGUAGES = ("sv", "en")
ODD = "\N{GRADUATION CAP} \N{CJK UNIFIED IDEOGRAPH-4E2D} \x1b\u2028\ufeff\ufffe\N{WOMAN}\u200d\u2695\ufe0f"


class Page(HTMLParser):
    """The tables of the page (caption → rows of texts), its headings, images, and the ids that exist."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.headings: list[int] = []
        self.images: list[dict[str, str | None]] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._rows: list[list[str]] = []
        self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self._text = ""
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag == "img":
            self.images.append(found)
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [found["id"] or ""] if "id" in found else []
        self.references += [found["aria-labelledby"] or ""] if "aria-labelledby" in found else []

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "caption":
            self.tables[self._text.strip()] = self._rows
        elif tag in ("th", "td"):
            self._rows[-1].append(self._text.strip())


def cells_of(language: str) -> dict[str, dict[str, list[str]]]:
    """What each table must show: caption → label → texts, straight from the figures' own numbers."""
    return {
        table.caption: {row.label: [cell.text(language) for cell in row.cells] for row in table.rows}
        for section in present(content_in(language)).sections
        for table in section.tables
    }


def spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_shown_is_that_of_the_figures(language: str) -> None:
    """The cells are what all formats show: each must be its figure, rounded once."""
    content = content_in(language)
    numbers = flat(content)
    cells = [
        cell
        for section in present(content).sections
        for table in section.tables
        for row in table.rows
        for cell in row.cells
    ]
    checked = 0
    for cell in cells:
        if cell.path in numbers:
            value: Any = numbers[cell.path]
            if cell.unit is Unit.HOURS:
                expected = f"{float(int(value * 10 / 60 + 0.5) / 10):,.1f}"
                assert cell.text("en") == expected, cell.path
            else:
                assert cell.text(language) == shown(value, cell.unit, language), cell.path
            checked += 1
    assert checked > 150


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_every_cell(language: str) -> None:
    page = Page(render_html(present(content_in(language))).decode())
    for caption, rows in cells_of(language).items():
        assert {row[0]: row[1:] for row in page.tables[caption][1:]} == rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_marks_each_figure_with_its_exact_number(language: str) -> None:
    content = content_in(language)
    page = Page(render_html(present(content)).decode())
    marked = {found["data-figure"]: found["value"] for tag, found in page.tags if tag == "data"}
    numbers = flat(content)
    assert len(marked) > 150
    for path, value in marked.items():
        expected = numbers[str(path)]
        assert value == ("" if expected is None else str(expected)), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_shows_every_cell(language: str) -> None:
    content = content_in(language)
    reader = PdfReader(BytesIO(render_pdf(content, present(content))))
    text = spaced(" ".join(page.extract_text() for page in reader.pages)).replace(" ", "")
    for caption, rows in cells_of(language).items():
        assert spaced(caption).replace(" ", "") in text
        for label, texts in rows.items():
            assert spaced("".join((label, *texts))).replace(" ", "") in text, (caption, label)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_holds_every_cell_as_a_number(language: str) -> None:
    content = content_in(language)
    shown_ = present(content)
    book = load_workbook(BytesIO(render_xlsx(content, shown_, credited())))
    values = [[cell.value for cell in row] for sheet in book.worksheets for row in sheet.iter_rows()]
    for section in shown_.sections:
        for table in section.tables:
            for row in table.rows:
                expected = [None if cell.value is None else pytest.approx(float(cell.value)) for cell in row.cells]
                assert any(found[0] == row.label and found[1 : 1 + len(expected)] == expected for found in values), (
                    row.label
                )


@pytest.mark.parametrize("language", LANGUAGES)
def test_csv_json_and_the_workbook_hold_the_same_exact_numbers(language: str) -> None:
    content = content_in(language)
    numbers = flat(content)
    delimiter, mark = {"sv": (";", ","), "en": (",", ".")}[language]
    lines = list(csv.reader(StringIO(render_csv(content).decode("utf-8-sig")), delimiter=delimiter))
    assert lines[0] == ["figure", "value"]
    by_csv = {path: value for path, value in lines[1:] if not path.startswith("report.")}
    digits = {path: "" if value is None else str(value).replace(".", mark) for path, value in numbers.items()}
    assert by_csv == digits

    sheet = load_workbook(BytesIO(render_xlsx(content, present(content), credited())))[Words(language)("sheet.all")]
    head, *rows = sheet.iter_rows(values_only=True)
    assert head == ("figure", "value")
    assert {row[0]: row[1] for row in rows} == numbers
    assert {len(row) for row in rows} == {2}

    document = json.loads(render_json(content))
    assert (document["figures"], document["cofinancing"], document["months"]) == (
        content.figures,
        content.cofinancing,
        content.months,
    )


def test_anyone_can_compute_the_hash_of_the_json_file_again() -> None:
    document = json.loads(render_json(content_in("sv")))
    stated = document.pop("hash")
    assert sha256(canonical(document)) == stated


def test_every_format_says_which_report_it_is() -> None:
    content = content_in("sv")
    shown_ = present(content)
    pdf = PdfReader(BytesIO(render_pdf(content, shown_)))
    texts = {
        "html": render_html(shown_).decode(),
        "pdf": " ".join(page.extract_text() for page in pdf.pages),
        "csv": render_csv(content).decode(),
        "json": render_json(content).decode(),
    }
    assert {name for name, text in texts.items() if content.hash in text and content.order.id in text} == set(texts)
    first = load_workbook(BytesIO(render_xlsx(content, shown_, ()))).worksheets[0]
    assert content.hash in str(first["A2"].value)
    assert content.order.id in str(first["A2"].value)


def test_the_sheet_of_rows_sums_to_the_attested_minutes_of_its_rows() -> None:
    content = content_in("sv")
    book = render_xlsx(content, present(content), credited())
    values = list(load_workbook(BytesIO(book), data_only=True)["Underlag"].iter_rows(min_row=4, values_only=True))
    *rows, total = values
    assert total[6] == sum(int(str(row[6])) for row in rows) == sum(row.minutes for row in credited())
    assert str(load_workbook(BytesIO(book))["Underlag"].cell(4 + len(rows), 7).value).startswith("=SUM(")


def test_a_text_that_looks_like_a_formula_stays_text() -> None:
    content = content_in("sv")
    content.order.texts["=1+1"] = "=cmd()"
    sheet = load_workbook(BytesIO(render_xlsx(content, present(content), ())))["Om rapporten"]
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert (cells["=1+1"], cells["=cmd()"]) == ("s", "s")


def test_the_pdf_is_tagged_swedish_and_declared_accessible() -> None:
    content = content_in("sv")
    reader = PdfReader(BytesIO(render_pdf(content, present(content))))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "sv"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Lägesrapport 2025 – Kompetensnavet"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    text = spaced(" ".join(page.extract_text() for page in reader.pages))
    assert "Medfinansieras av Europeiska unionen" in text
    assert f"Sida 1 av {len(reader.pages)}" in text
    alts = alternatives(root["/StructTreeRoot"])
    assert any("tolv gula stjärnor" in alt for alt in alts)
    charts = [chart.alt for section in present(content).sections for chart in section.charts]
    assert len(charts) == 4
    assert set(charts) <= set(alts)


def test_a_line_of_a_list_costs_the_file_few_bytes() -> None:
    """A year's certificates have 20,000 lines. With each letter of an id in a box, and tags in plain text: 37 MB."""
    content, lines = content_in("sv"), 200
    columns = (Column("who", "Deltagare", "id"), Column("day", "Datum", "date"), Column("time", "Tid", "minutes"))
    rows = tuple((str(uuid5(NAMESPACE_OID, str(number))), "2025-01-02", 60) for number in range(lines))
    listed, bare = (Section("a", "Lista", lists=one) for one in ((Listed("a", "Lista", columns, rows),), ()))
    with_lines, without = (render_pdf(content, replace(present(content), sections=(one,))) for one in (listed, bare))
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(with_lines)).pages)
    assert all(str(row[0]) in text for row in rows)
    assert (len(with_lines) - len(without)) / lines < 250


def test_a_character_that_no_font_has_costs_no_report() -> None:
    """A PDF/UA shows every character or is none: one title with an emoji, and no report would be frozen any more."""
    content = content_in("sv")
    courses = {code: f"{title} {ODD}" for code, title in content.names["courses"].items()}
    content = replace(
        content,
        names={**content.names, "courses": courses, "project": f"Nätet {ODD}"},
        order=replace(content.order, texts={f"Rubrik {ODD}": f"Text **{ODD}**"}),
    )
    shown_ = present(content)
    text = spaced(" ".join(page.extract_text() for page in PdfReader(BytesIO(render_pdf(content, shown_))).pages))
    assert all(f"{title} {REPLACEMENT} {REPLACEMENT}" in text for title in COURSES.values())
    page = render_html(shown_).decode()
    assert ODD in page
    pictures = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", page)
    drawn = [" ".join(ElementTree.fromstring(b64decode(picture)).itertext()) for picture in pictures]
    assert any(title in text for title in COURSES.values() for text in drawn)
    assert ODD in json.loads(render_json(content))["names"]["project"]


def with_first_course(title: str) -> Content:
    content = content_in("sv")
    courses = {**content.names["courses"], next(iter(COURSES)): title}
    return replace(content, names={**content.names, "courses": courses})


def test_the_pdf_shows_what_people_in_care_work_write() -> None:
    """Arabic, Persian, Tigrinya, Vietnamese, Cyrillic, Greek, Sami, boxes and ticks; nothing is replaced or noted."""
    title = "سلامة گچپژ ትግርኛ Nguyễn Київ Αθήνα Ŋáčađđ ☐ ☑ ✓ → ≤"
    content = with_first_course(title)
    assert displayable(title) == title
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(render_pdf(content, present(content)))).pages)
    assert all(word in text for word in ("Nguyễn", "Київ", "Αθήνα", "Ŋáčađđ", "☐ ☑ ✓ → ≤"))
    assert "saknar" not in text.split("Om rapporten")[-1]


def test_the_notes_of_the_pdf_name_the_characters_that_it_cannot_show() -> None:
    content = with_first_course("Kurs 中 😀")
    pages = PdfReader(BytesIO(render_pdf(content, present(content)))).pages
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    assert "U+4E2DCJKUNIFIEDIDEOGRAPH-4E2D,U+1F600GRINNINGFACE" in text


def test_a_long_course_title_leaves_the_chart_its_bars() -> None:
    """104 letters of one title took the whole width: the chart was empty for all courses."""
    content = with_first_course("Arbetsplatsanpassad fördjupning " * 3 + "palliativ")
    [chart] = [each for section in present(content).sections for each in section.charts if "kurs" in each.title.lower()]
    bars = [float(each.get("width", 0)) for each in ElementTree.fromstring(chart.svg).iter() if "rect" in each.tag]
    assert max(width for width in bars if width < 700) > 250


def test_a_word_wider_than_its_cell_breaks_inside_the_page() -> None:
    content = with_first_course("x" * 150)
    right = 0.0

    def seen(text: str, place: Any, *_: Any) -> None:
        nonlocal right
        if set(text.strip()) == {"x"}:
            right = max(right, place[4])

    for page in PdfReader(BytesIO(render_pdf(content, present(content)))).pages:
        page.extract_text(visitor_text=seen)
    assert 200 < right < 595


@pytest.mark.parametrize(
    ("unit", "highest"), [(Unit.COUNT, 1), (Unit.COUNT, 3), (Unit.HOURS, 0.4), (Unit.SHARE, 0.03), (Unit.COUNT, 1834)]
)
def test_an_axis_never_says_one_number_twice(unit: Unit, highest: float) -> None:
    values = [("a", Decimal(str(highest))), ("b", Decimal(0))]
    [chart] = columns("x", "X", "sv", unit, values, alt=lambda **_: "alt")
    lines = [each for each in ElementTree.fromstring(chart.svg).iter() if "guides" in each.get("class", "")]
    labels = ["".join(each.itertext()).strip() for each in lines]
    upright = [label for label in labels if label not in ("a", "b")]
    assert 2 <= len(upright) <= 8
    assert len(set(upright)) == len(upright)


def alternatives(element: Any) -> list[str]:
    """The alternative texts of a structure tree."""
    element = element.get_object() if hasattr(element, "get_object") else element
    if isinstance(element, list):
        return [alt for part in element for alt in alternatives(part)]
    if not isinstance(element, dict):
        return []
    return ([str(element["/Alt"])] if "/Alt" in element else []) + alternatives(element.get("/K"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_built_accessibly(language: str) -> None:
    page = Page(render_html(present(content_in(language))).decode())
    names = [tag for tag, _ in page.tags]
    assert dict(page.tags)["html"] == {"lang": language}
    assert names.count("h1") == names.count("main") == names.count("title") == 1
    assert page.headings[0] == 1
    assert all(later <= earlier + 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
    assert all(image["alt"] for image in page.images)
    assert len(page.ids) == len(set(page.ids))
    assert set(page.references) <= set(page.ids)
    assert all(found.get("scope") in ("col", "row") for tag, found in page.tags if tag == "th")


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = render_html(present(content_in("sv"))).decode()
    assert not re.search(r"<(script|link|iframe)|url\(|@import", page)
    sources = re.findall(r'src="([^"]*)"', page)
    assert sources
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    for source in sources:
        ElementTree.fromstring(b64decode(source.partition(",")[2]))


def files() -> dict[str, str]:
    content = content_in("sv")
    shown_ = present(content)
    rendered = {
        "html": render_html(shown_),
        "pdf": render_pdf(content, shown_),
        "xlsx": render_xlsx(content, shown_, credited()),
        "csv": render_csv(content),
        "json": render_json(content),
    }
    return {name: sha256(data) for name, data in rendered.items()}


def test_the_same_content_gives_the_same_bytes_in_another_process() -> None:
    """Another hash seed, another time zone, another day: nothing of it may show."""
    script = f"from {__name__} import files; import json; print(json.dumps(files()))"
    environment = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": ".", "LANG": "C"}
    output = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True, text=True)
    assert json.loads(output.stdout) == files()


def test_the_charts_do_not_carry_the_day_they_were_drawn() -> None:
    for section in present(content_in("sv")).sections:
        for chart in section.charts:
            assert "Generated" not in chart.svg
            assert "<!--" not in chart.svg


def test_the_drawing_library_leaves_no_import_hook_of_the_old_protocol() -> None:
    assert all(hasattr(hook, "find_spec") for hook in sys.meta_path)
