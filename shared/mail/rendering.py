"""A mail's texts, plain and HTML, in one language after the other. Swedish stands first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shared.web.pages.languages import LANGUAGE

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html.j2"], default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Part:
    """What a mail says in one language. `facts` are labels, each with its lines."""

    language: str
    heading: str
    paragraphs: Sequence[str] = ()
    facts: Sequence[tuple[str, Sequence[str]]] = ()
    closing: str = ""


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


def rendered(parts: Sequence[Part]) -> Rendered:
    subject = " / ".join(part.heading for part in parts)
    return Rendered(
        subject,
        _TEMPLATES.get_template("mail.txt.j2").render(parts=parts),
        _TEMPLATES.get_template("mail.html.j2").render(parts=parts, subject=subject),
    )


def languages_for(reader: str) -> tuple[str, ...]:
    """The languages of a mail to somebody who reads `reader`: Swedish, and English below for all others."""
    return ("sv",) if reader.lower().partition("-")[0] == "sv" else ("sv", "en")


@contextmanager
def written_in(language: str) -> Iterator[None]:
    """Days and times of `shared.web.pages.formatting` are in this language inside the block."""
    before = LANGUAGE.set(language)
    try:
        yield
    finally:
        LANGUAGE.reset(before)
