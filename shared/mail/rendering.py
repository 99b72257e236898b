"""A mail's texts, plain and HTML, in one language after the other. Swedish stands first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.clock import STOCKHOLM

_HTML, _TEXT = (
    Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for escaped in (True, False)
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
    """A mail's subject and texts."""

    subject: str
    text: str
    html: str


def rendered(parts: Sequence[Part]) -> Rendered:
    """The texts of one mail."""
    subject = " / ".join(part.heading for part in parts)
    return Rendered(
        subject,
        _TEXT.get_template("mail.txt.j2").render(parts=parts),
        _HTML.get_template("mail.html.j2").render(parts=parts, subject=subject),
    )


def languages(wanted: str) -> tuple[str, ...]:
    """The languages of a mail to somebody who reads `wanted`: Swedish, and English below for all others."""
    return ("sv",) if wanted.lower().partition("-")[0] == "sv" else ("sv", "en")


def day_in_words(at: datetime, language: str) -> str:
    """`tisdag 2 mars 2027`."""
    return format_date(at.astimezone(STOCKHOLM), "EEEE d MMMM y", locale=language)


def short_day(at: datetime, language: str) -> str:
    """`2 mars`."""
    return format_date(at.astimezone(STOCKHOLM), "d MMMM", locale=language)


def time_in_words(at: datetime, language: str) -> str:
    """`tisdag 2 mars 2027 kl. 09`."""
    return f"{day_in_words(at, language)}{_AT[language]}{_hour(at, language)}"


def span_in_words(starts_at: datetime, ends_at: datetime, language: str) -> str:
    """`tisdag 2 mars 2027 kl. 09–12`."""
    if starts_at.astimezone(STOCKHOLM).date() != ends_at.astimezone(STOCKHOLM).date():
        return f"{time_in_words(starts_at, language)} – {time_in_words(ends_at, language)}"
    return f"{time_in_words(starts_at, language)}–{_hour(ends_at, language)}"


_AT = {"sv": " kl. ", "en": ", "}


def _hour(at: datetime, language: str) -> str:
    local = at.astimezone(STOCKHOLM)
    if language == "en":
        return f"{local:%H:%M}"
    return f"{local:%H.%M}" if local.minute else f"{local:%H}"
