"""What employers write is never run by the spreadsheet that opens a report."""

import csv
from dataclasses import replace
from io import StringIO

from services.reporting.reports.formats.render_csv import render_csv
from services.reporting.reports.listed import Column, Listed
from tests.unit.services.reporting.reports.sample import content_in


def test_a_title_that_a_spreadsheet_would_take_for_a_formula_is_text() -> None:
    """Titles are the employers' own words, and the funder opens the file with a double click."""
    columns = (Column("title", "Befattning"), Column("minutes", "Minuter", "minutes"))
    rows = (('=HYPERLINK("http://x.example")', -5), ("Undersköterska", None))
    content = replace(content_in("sv"), lists=(Listed("participants", "Lista", columns, rows),))
    lines = dict(csv.reader(StringIO(render_csv(content).decode("utf-8-sig")), delimiter=";"))
    cells = [lines[f"lists.participants.{row}.{name}"] for row in (1, 2) for name in ("title", "minutes")]
    assert cells == ['\'=HYPERLINK("http://x.example")', "-5", "Undersköterska", ""]
