"""The pages' texts: written in English in templates and `pages.py`, in Swedish in the `sv.po` beside the templates.

Read at start, without a compiled form. `python -m infra.texts` adds what is missing; a test refuses what has no
translation, or none that anybody has looked at.
"""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

LANGUAGES: Final = ("sv", "en")
SHARED: Final = Path(__file__).parents[1] / "templates"
CATALOGUE: Final = "sv.po"

LANGUAGE: ContextVar[str] = ContextVar("language", default="sv")
"""Of the page that this task renders."""

Texts = Mapping[str, tuple[str, ...]]
"""The Swedish of an English text: one form, or singular and plural."""


def _(text: str) -> str:
    """Marks a text of `pages.py`; the page that shows it translates it."""
    return text


def ngettext(one: str, many: str) -> tuple[str, str]:
    """Marks a text that a page says of a number."""
    return one, many


def texts_of(folders: Iterable[Path]) -> dict[str, tuple[str, ...]]:
    """The texts of these folders of templates, all in one."""
    found: dict[str, tuple[str, ...]] = {}
    for folder in folders:
        found |= _read(folder / CATALOGUE)
    return found


@cache
def _read(path: Path) -> dict[str, tuple[str, ...]]:
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale="sv")
    found = {}
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        name = message.id[0] if isinstance(message.id, tuple | list) else message.id
        if name and all(forms):
            found[str(name)] = tuple(str(form) for form in forms)
    return found


class Translator:
    """What Jinja calls for `{% trans %}` and `_()`, in the language of the page."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def gettext(self, text: str) -> str:
        return text if LANGUAGE.get() == "en" else self._texts.get(text, (text,))[0]

    def ngettext(self, one: str, many: str, count: int) -> str:
        forms = (one, many) if LANGUAGE.get() == "en" else self._texts.get(one, (one, many))
        return forms[0 if count == 1 else -1]
