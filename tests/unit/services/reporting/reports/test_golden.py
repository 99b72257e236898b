"""Golden reports: what each kind says of one small year, as text. Who changes a word or a figure sees it here.

To accept a change, delete the file and run the test: it writes the new one and asks to look at it.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from services.reporting.reports.kinds.register import KINDS
from tests.unit.services.reporting.reports.test_kinds import crowd, frozen

GOLDEN = Path(__file__).parent / "golden"
BLOCKS = {"h1", "h2", "h3", "p", "tr", "caption", "div", "li", "figcaption"}
CELLS = {"td", "th", "dt", "dd"}
ABOUT = re.compile(r"\n(?:Om rapporten|About this report)\n.*", re.DOTALL)
"""What identifies a report differs whenever its rows are written otherwise."""


class Text(HTMLParser):
    """The words of a page: a line a block, cells apart, pictures by what they stand for."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self._hidden = "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = self._hidden or tag in ("style", "nav", "title")
        if tag == "img":
            self.text += f"\n[{dict(attrs)['alt']}]"
        self.text += "\n" if tag in BLOCKS else " | " if tag in CELLS else ""

    def handle_endtag(self, tag: str) -> None:
        self._hidden = self._hidden and tag not in ("style", "nav", "title")

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else " ".join(data.split())


def text_of(page: bytes) -> str:
    reader = Text()
    reader.feed(page.decode())
    lines = (line.strip(" |") for line in reader.text.splitlines())
    return ABOUT.sub("", "\n".join(line for line in lines if line)) + "\n"


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_report_says_what_it_said(kind: str, language: str) -> None:
    story = crowd(12) if kind == "evaluation" else None
    found = text_of(frozen(kind, story, language=language).files["html"])
    file = GOLDEN / f"{kind}.{language}.txt"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
        pytest.fail(f"{file.name} is written: look at it, and commit it")
    assert found == file.read_text(encoding="utf-8")
