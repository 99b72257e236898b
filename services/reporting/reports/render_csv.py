"""The CSV of a report: every number in long format, `figure;value;unit`, for machines and for a spreadsheet.

`figure` is the dotted path that the API uses (`minutes.attested`). UTF-8 with a byte order mark and `;`, so that a
Swedish spreadsheet opens it as columns; values are exact and unrounded, with a decimal point. An empty value is one
that does not exist (a mean of no answers). The first rows, `report.*`, say which report it is.
"""

import csv
from io import StringIO

from services.reporting.reports.content import Content, flat
from services.reporting.reports.units import unit_of

HEADER = ("figure", "value", "unit")


def render_csv(content: Content) -> bytes:
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    order = content.order
    for name, value in (
        ("id", order.id),
        ("kind", order.kind),
        ("version", order.version),
        ("period", order.period),
        ("municipality", order.municipality or ""),
        ("created_at", order.created_at),
        ("hash", content.hash),
    ):
        writer.writerow((f"report.{name}", value, ""))
    for path, number in flat(content).items():
        writer.writerow((path, "" if number is None else number, unit_of(path)))
    return b"\xef\xbb\xbf" + out.getvalue().encode()
