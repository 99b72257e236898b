"""A named copy as a workbook or as PDF/UA-1."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import xlsxwriter

from services.booking.named_copies.rules import Language, Named
from shared.documents.typesetting import typeset

TEMPLATE: Final = Path(__file__).parent / "named_copy.typ"
WIDEST: Final = 45
WARNING: Final[Mapping[Language, str]] = {
    "sv": "Innehåller personuppgifter. Lämna den bara till den som ska ha den, och radera den sedan.",
    "en": "Holds personal data. Hand it only to whoever is to have it, and delete it then.",
}


def as_xlsx(title: str, lists: Sequence[Named], language: Language, created: datetime) -> bytes:
    """A sheet a list: its head stays in sight and on every page. No text is read as a formula."""
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "created": created.replace(tzinfo=None), "comments": WARNING[language]})
        head = book.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "top"})
        for number, one in enumerate(lists, 1):
            sheet = book.add_worksheet(f"{number}")
            sheet.write_row(0, 0, one.head, head)
            for at, row in enumerate(one.rows, 1):
                sheet.write_row(at, 0, row)
            for column in range(len(one.head)):
                texts = (str(row[column] or "") for row in (one.head, *one.rows))
                sheet.set_column(column, column, min(WIDEST, max(map(len, texts)) + 2))
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
            sheet.autofilter(0, 0, len(one.rows), len(one.head) - 1)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
            sheet.set_footer("&L&A&R&P / &N")
    return out.getvalue()


def as_pdf(title: str, lists: Sequence[Named], language: Language, created: datetime) -> bytes:
    """The lists on landscape pages, tagged."""
    data = {
        "title": title,
        "language": language,
        "warning": WARNING[language],
        "lists": [
            {
                "title": one.title,
                "head": one.head,
                "rows": [["" if cell is None else str(cell) for cell in row] for row in one.rows],
            }
            for one in lists
        ],
    }
    return typeset(TEMPLATE, data, created)


RENDERERS: Final[Mapping[str, tuple[Callable[[str, Sequence[Named], Language, datetime], bytes], str]]] = {
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": (as_pdf, "application/pdf"),
}
