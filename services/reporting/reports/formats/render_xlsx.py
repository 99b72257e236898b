"""The XLSX of a report: real numbers with number formats, several sheets, the same bytes for the same content and
rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from services.reporting.reports.content import Content, flat
from services.reporting.reports.formats.render_csv import HEADER
from services.reporting.reports.formatting import Unit
from services.reporting.reports.listed import Listed, day_of
from services.reporting.reports.presentation import Cell, Presentation, Table
from services.reporting.reports.units import unit_of
from services.reporting.reports.words import Words

_FORMATS = {Unit.HOURS: "#,##0.0", Unit.SHARE: "0.0%", Unit.MEAN: "0.00"}
_WHOLE = "#,##0"
_WIDTHS = {"id": 38, "text": 26, "date": 12, "count": 14, "minutes": 16}
_EXACT = {Unit.SHARE: "0.0000", Unit.MEAN: "0.0000"}


@dataclass(frozen=True)
class CreditedMinutes:
    """A row of the sheet of input rows: attested minutes of one pseudonymous person on one occasion of the period."""

    day: date
    course: str
    session_id: str
    occasion_id: str
    participant_id: str
    municipality: str
    minutes: int


def render_xlsx(content: Content, shown: Presentation, rows: Iterable[CreditedMinutes] | None) -> bytes:
    """Sheets: figures, co-financing, by course, by month, lists, all measures by name, input rows, about: those that
    the report has.
    """
    out = BytesIO()
    created = datetime.fromisoformat(content.order.created_at).replace(tzinfo=None)
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": f"{shown.title} – {shown.project}", "author": shown.project, "created": created})
        sheets = _Sheets(book, content, shown)
        sheets.figures()
        sheets.cofinancing()
        sheets.single("sheet.courses", _table(shown, "participations-by_course"))
        sheets.single("sheet.months", _table(shown, "months"))
        for one in content.lists:
            sheets.listed(one)
        sheets.measures()
        if rows is not None:
            sheets.rows(sorted(rows, key=_row_order))
        sheets.about()
    return out.getvalue()


class _Sheets:
    """Writes the sheets of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook, content: Content, shown: Presentation) -> None:
        self.book, self.content, self.shown = book, content, shown
        self.words = Words(shown.language)
        self.bold = book.add_format({"bold": True})
        self.title = book.add_format({"bold": True, "font_size": 14, "font_color": "#1f4e79"})
        self.head = book.add_format(
            {"bold": True, "font_color": "#1f4e79", "bottom": 2, "text_wrap": True, "valign": "top"}
        )
        self.head_right = book.add_format(
            {"bold": True, "font_color": "#1f4e79", "bottom": 2, "text_wrap": True, "valign": "top", "align": "right"}
        )
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self._numbers: dict[tuple[str, bool], Any] = {}

    def figures(self) -> None:
        """All tables but co-financing, below each other."""
        sheet = self._sheet("sheet.figures", (62, 16, 16, 16))
        at = self._table_at(
            sheet, 2, self.words("key_figures"), (self.words("figure"), self.words("value")), self.shown.key_figures
        )
        for section in self.shown.sections:
            for table in section.tables if section.id != "cofinancing" else ():
                at = self._table_at(sheet, at, table.caption, table.header, table.rows)

    def cofinancing(self) -> None:
        section = next((section for section in self.shown.sections if section.id == "cofinancing"), None)
        if section is None:
            return
        sheet = self._sheet("sheet.cofinancing", (28, 16, 16, 20, 24))
        at = 2
        for table in section.tables:
            at = self._table_at(sheet, at, table.caption, table.header, table.rows)

    def single(self, name: str, table: Table | None) -> None:
        if table is not None:
            sheet = self._sheet(name, (44, 16, 16))
            self._table_at(sheet, 2, table.caption, table.header, table.rows)

    def listed(self, one: Listed) -> None:
        """A list with a head that stays in sight and on every printed page; days are days, numbers numbers."""
        sheet = self._sheet(f"sheet.list.{one.name}", [_WIDTHS[column.form] for column in one.columns])
        sheet.freeze_panes(3, 1)
        sheet.repeat_rows(2)
        sheet.set_landscape()
        sheet.write_row(2, 0, [column.title for column in one.columns], self.head)
        for at, row in enumerate(one.rows, 3):
            for place, (column, value) in enumerate(zip(one.columns, row, strict=True)):
                if column.form == "date" and value:
                    sheet.write_datetime(at, place, datetime.combine(day_of(value), time()), self.day)
                elif isinstance(value, int):
                    sheet.write_number(at, place, value, self._number(_WHOLE))
                elif value is not None:
                    sheet.write_string(at, place, value)
        sheet.autofilter(2, 0, 2 + len(one.rows), len(one.columns) - 1)

    def measures(self) -> None:
        """Every number by its name in the API, unrounded: what the CSV has, for programs too, so its first row is
        its head.
        """
        sheet = self._printed("sheet.all", (64, 16))
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, HEADER, self.head)
        for at, (path, value) in enumerate(flat(self.content).items(), 1):
            sheet.write_string(at, 0, path)
            if value is not None:
                sheet.write_number(at, 1, value, self._number(_EXACT.get(unit_of(path), _WHOLE)))
        sheet.autofilter(0, 0, len(flat(self.content)), 1)

    def rows(self, rows: Sequence[CreditedMinutes]) -> None:
        """The attested minutes of the period, one row a person and occasion, with their sum."""
        sheet = self._sheet("sheet.rows", (12, 30, 38, 38, 38, 16, 12))
        names = ("date", "by_course", "session", "occasion", "participant", "municipality", "attested_minutes")
        sheet.write_row(2, 0, [self.words(name) for name in names], self.head)
        for at, row in enumerate(rows, 3):
            sheet.write_datetime(at, 0, datetime.combine(row.day, time()), self.day)
            for column, text in enumerate(
                (self._course(row), row.session_id, row.occasion_id, row.participant_id, self._employer(row)), 1
            ):
                sheet.write_string(at, column, text)
            sheet.write_number(at, 6, row.minutes)
        end = 3 + len(rows)
        sheet.write_string(end, 0, self.words("total"), self.bold)
        total = sum(row.minutes for row in rows)
        sheet.write_formula(end, 6, f"=SUM(G4:G{end})" if rows else "=0", self._number(_WHOLE, bold=True), total)
        sheet.autofilter(2, 0, max(2, end - 1), 6)

    def about(self) -> None:
        sheet = self._sheet("sheet.about", (44, 90))
        at = 2
        texts = [(heading, text) for heading, text in self.shown.texts]
        blocks = (
            (self.words("about"), self.shown.about),
            (self.words("about.rules"), self.shown.rules),
            (self.words("cut_off"), self.shown.positions),
            (self.words("texts"), texts),
        )
        for caption, pairs in blocks:
            if pairs:
                sheet.write_string(at, 0, caption, self.head)
                sheet.write_blank(at, 1, None, self.head)
                for label, text in pairs:
                    at += 1
                    sheet.write_string(at, 0, label, self.text)
                    sheet.write_string(at, 1, text, self.text)
                at += 2

    def _sheet(self, name: str, widths: Sequence[int]) -> Worksheet:
        """A sheet with the report's title, version and hash on top, its third row frozen."""
        sheet = self._printed(name, widths)
        order = self.content.order
        version = self.words("version", version=order.version)
        sheet.write_string(0, 0, f"{self.shown.project} – {self.shown.title}", self.title)
        sheet.write_string(
            1,
            0,
            " · ".join((self.shown.subtitle, order.id, version, f"SHA-256 {self.content.hash}")),
        )
        sheet.freeze_panes(2, 0)
        return sheet

    def _printed(self, name: str, widths: Sequence[int]) -> Worksheet:
        """An empty sheet, ready to print."""
        sheet = self.book.add_worksheet(self.words(name))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{self.words('eu')}&R&P / &N")
        return sheet

    def _table_at(self, sheet: Worksheet, at: int, caption: str, header: Sequence[str], rows: Iterable[Any]) -> int:
        """Writes a table; returns the row where the next one may begin."""
        sheet.write_string(at, 0, caption, self.bold)
        for column, word in enumerate(header):
            sheet.write_string(at + 1, column, word, self.head_right if column else self.head)
        at += 2
        for row in rows:
            sheet.write_string(at, 0, row.label, self.bold if row.total else None)
            for column, cell in enumerate(row.cells, 1):
                self._cell(sheet, at, column, cell, bold=row.total)
            at += 1
        return at + 1

    def _cell(self, sheet: Worksheet, row: int, column: int, cell: Cell, *, bold: bool) -> None:
        """A number unrounded; its format rounds what is seen. Nothing where there is no value."""
        if cell.value is not None:
            sheet.write_number(row, column, float(cell.value), self._number(_FORMATS.get(cell.unit, _WHOLE), bold=bold))

    def _number(self, pattern: str, *, bold: bool = False) -> Any:
        if (pattern, bold) not in self._numbers:
            self._numbers[pattern, bold] = self.book.add_format({"num_format": pattern, "bold": bold})
        return self._numbers[pattern, bold]

    def _course(self, row: CreditedMinutes) -> str:
        return str(self.content.names["courses"].get(row.course, row.course))

    def _employer(self, row: CreditedMinutes) -> str:
        return str(self.content.names["municipalities"].get(row.municipality, row.municipality))


def _table(shown: Presentation, name: str) -> Table | None:
    tables = (table for section in shown.sections for table in section.tables if table.id == name)
    return next(tables, None)


def _row_order(row: CreditedMinutes) -> tuple[date, str, str, str]:
    return row.day, row.session_id, row.occasion_id, row.participant_id
