"""The CSV of a report: every number in long format, `figure,value`, as a spreadsheet of its language opens it.

Swedish: `;` between columns and a decimal comma; English: `,` and a point. `figure` is the dotted path that the API
uses (`minutes.attested`), and of a cell of a list `lists.<list>.<row>.<column>`. UTF-8 with a byte order mark; values
are exact and unrounded. An empty value is one that does not exist (a mean of no answers). The first rows, `report.*`,
say which report it is.
"""

import csv
from decimal import Decimal
from io import StringIO

from services.reporting.reports.content import Content, flat
from shared.web.pages.exports import plain

HEADER = ("figure", "value")
DELIMITERS = {"sv": ";", "en": ","}
DECIMAL_MARKS = {"sv": ",", "en": "."}


def render_csv(content: Content) -> bytes:
    out = StringIO()
    order = content.order
    writer = csv.writer(out, delimiter=DELIMITERS[order.language], lineterminator="\r\n")
    writer.writerow(HEADER)
    for name, value in (
        ("id", order.id),
        ("kind", order.kind),
        ("version", order.version),
        ("period", order.period),
        ("municipality", order.municipality or ""),
        ("created_at", order.created_at),
        ("hash", content.hash),
    ):
        writer.writerow((f"report.{name}", value))
    for path, number in flat(content).items():
        writer.writerow((path, _number(number, order.language)))
    for one in content.lists:
        for number, row in enumerate(one.rows, 1):
            for column, cell in zip(one.columns, row, strict=True):
                path = f"lists.{one.name}.{number}.{column.name}"
                writer.writerow((path, plain(cell)))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _number(value: float | None, language: str) -> str:
    """In digits: a spreadsheet takes 1e-05 for a text."""
    if value is None:
        return ""
    return format(Decimal(str(value)), "f").replace(".", DECIMAL_MARKS[language])
