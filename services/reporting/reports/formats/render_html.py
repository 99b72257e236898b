"""The HTML of a report: one self-contained, accessible page (WCAG 2.1 AA) without scripts, that also prints well."""

from base64 import b64encode
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.reporting.reports.formats.markdown import to_html
from services.reporting.reports.listed import shown_in
from services.reporting.reports.presentation import Presentation
from services.reporting.reports.words import Words
from shared.emblem import stars

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)


def render_html(shown: Presentation) -> bytes:
    """Everything is in the page: charts as data URLs, so that their styles cannot reach the page's own."""

    page = _PAGES.get_template("report.html.j2").render(
        shown=shown,
        words=Words(shown.language),
        stars=stars(),
        base64=lambda text: b64encode(text.encode()).decode(),
        markdown=to_html,
        shown_in=shown_in,
    )
    return page.encode()
