"""A mail's texts, plain and HTML, in one language after the other. Swedish stands first."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shared.mail.message import Mail, Part, Role
from shared.web.pages.languages import LANGUAGE

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html.j2"], default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,  # which asks the file system twice for each mail
)

Words = Mapping[str, str]
"""The same in each language."""

MASKED: Final[Words] = {
    "sv": "en medarbetare med skyddade personuppgifter",
    "en": "an employee with a protected identity",
}
CONCERNS: Final[Words] = {"sv": "Gäller", "en": "Concerns"}


class Text(NamedTuple):
    """Heading (also the subject) and first sentence of a kind of mail, with names of facts in braces."""

    heading: str
    lead: str


UNKNOWN: Final = "und"
"""The language of a reader that nobody has told (ISO 639-2)."""


@dataclass(frozen=True)
class Reader:
    """Who reads a mail; `concerns` names the person to anybody else. `language`: `UNKNOWN` reads all that there are."""

    address: str | None
    role: Role
    language: str = "sv"
    concerns: Words | None = None

    def concerning(self, language: str) -> list[tuple[str, list[str]]]:
        """The fact that says about whom it is, where the reader is another."""
        return [(CONCERNS[language], [self.concerns[language]])] if self.concerns else []


def reader_of(email: str | None, manager_email: str | None, language: str, name: str | None) -> Reader:
    """The person, else the manager, who is told about whom it is; who is protected has no name."""
    if email:
        return Reader(email, "participant", language)
    return Reader(manager_email, "manager", concerns=named(name))


def named(name: str | None) -> Words:
    """A person's name in every language; who is protected has none."""
    return MASKED if name is None else dict.fromkeys(MASKED, name)


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


def mail_to(reader: Reader, parts: Sequence[Part], /, **more: Any) -> Mail:
    """A mail that says `parts`. `more`: its key and kind, until when it is useful, what it is about."""
    return Mail(to=reader.address, role=reader.role, language=reader.language, **vars(rendered(parts)), **more)


def without(mail: Mail, erased: Collection[UUID]) -> Mail | None:
    """A mail about several people, without these; None when nobody else is left in it."""
    parts = [replace(part, sections=[one for one in part.sections if one.person not in erased]) for part in mail.parts]
    return replace(mail, parts=parts, **vars(rendered(parts))) if any(part.sections for part in parts) else None


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
