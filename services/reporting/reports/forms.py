"""The headings under which the project office may write, by kind of report: `forms.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.web.problems import FieldError


@dataclass(frozen=True)
class Heading:
    """A heading: its name in the API, its title and what belongs under it, by language."""

    heading: str
    title: Mapping[str, str]
    help: Mapping[str, str]


@dataclass(frozen=True)
class Form:
    """The headings of a kind, in their order."""

    headings: tuple[Heading, ...] = ()


@cache
def forms() -> Mapping[str, Form]:
    """Every kind that takes texts."""
    read = tomllib.loads((Path(__file__).parent / "forms.toml").read_text(encoding="utf-8"))
    return {kind: Form(tuple(Heading(**one) for one in form["headings"])) for kind, form in read.items()}


def form_of(kind: str) -> Form:
    return forms().get(kind, Form())


def headed(kind: str, texts: Mapping[str, str], language: str) -> Iterable[tuple[str, str]]:
    """The texts under their titles, in the form's order; then those of older reports, under headings of their own."""
    titles = {one.heading: one.title[language] for one in form_of(kind).headings}
    yield from ((title, texts[name]) for name, title in titles.items() if name in texts)
    yield from ((name, text) for name, text in texts.items() if name not in titles)


def unknown_headings(kind: str, texts: Mapping[str, str]) -> list[FieldError]:
    """A fault for each text under a heading that the kind has not."""
    known = [one.heading for one in form_of(kind).headings]
    sv, en = (", ".join(known) or none for none in ("ingen", "none"))
    return [
        FieldError(
            f"/texts/{name.replace('~', '~0').replace('/', '~1')}",
            "unknown-heading",
            f"Rubriken finns inte i den här rapporten. Det går att skriva under: {sv}.",
            f"This report has no such heading. You can write under: {en}.",
        )
        for name in texts
        if name not in known
    ]
