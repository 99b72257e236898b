"""The texts of all pages and their Swedish: `python -m infra.texts` adds to each `sv.po` what its folder says and no
catalogue has yet, and takes out what nobody says any more. What is added has no translation: a test refuses that.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from infra.settings import ROOT, SERVICES
from shared.web.pages.languages import CATALOGUE, SHARED

KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"trimmed": "true", "newstyle_gettext": "true"}


def folders() -> list[Path]:
    """Every folder of pages' texts; the shared one first."""
    found = [folder for name in SERVICES for folder in sorted((ROOT / "services" / name).glob("*/templates"))]
    return [SHARED, *(folder for folder in found if any(folder.glob("*.html")) or (folder / CATALOGUE).exists())]


def sources(folder: Path) -> list[Path]:
    """What says its texts: its templates, and `…pages.py` and `words.py` beside them."""
    within = ("web/pages/*.py", "web/sign_in/*.py", "uploads/kinds.py") if folder == SHARED else ()
    code = [path for pattern in within for path in sorted(SHARED.parents[1].glob(pattern))]
    beside = [*folder.parent.glob("*pages.py"), *folder.parent.glob("words.py")]
    return [*sorted(folder.rglob("*.html")), *sorted(code or beside)]


def said(folder: Path) -> Iterator[Any]:
    """The English texts of a folder; a pair where there is a plural."""
    for path in sources(folder):
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        for _, text, _, _ in extract_from_file(method, path, KEYWORDS, options=OPTIONS):
            yield text


def catalogue(folder: Path) -> Catalog:
    path = folder / CATALOGUE
    if not path.exists():
        return Catalog(locale="sv", header_comment="")
    with path.open("rb") as file:
        return read_po(file, locale="sv")


def wanted(folder: Path) -> list[Any]:
    """The texts that a folder's own catalogue must have: the shared one's words are said once."""
    elsewhere = {message.id for message in catalogue(SHARED)} if folder != SHARED else set()
    return [text for text in dict.fromkeys(said(folder)) if text and text not in elsewhere]


def update(folder: Path) -> None:
    """Writes the catalogue of a folder anew, with the translations that it has."""
    old, new = catalogue(folder), Catalog(locale="sv")
    for text in wanted(folder):
        known = old.get(text[0] if isinstance(text, tuple) else text)
        new.add(text, known.string if known is not None else None, flags=known.flags if known is not None else ())
    with (folder / CATALOGUE).open("wb") as file:
        write_po(file, new, width=120, omit_header=True)


def faults(folder: Path) -> list[str]:
    """What is wrong with a catalogue, one line each."""
    known = {message.id: message for message in catalogue(folder) if message.id}
    says = wanted(folder)
    found = [f"no Swedish for {text!r}" for text in says if text not in known or not _complete(known[text])]
    found += [f"nobody has looked at {name!r} (fuzzy)" for name, message in known.items() if message.fuzzy]
    return found + [f"nobody says {name!r}" for name in known if name not in says]


def _complete(message: Any) -> bool:
    parts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return bool(parts) and all(parts)


def main() -> int:
    for folder in folders():
        update(folder)
    found = [f"{(folder / CATALOGUE).relative_to(ROOT)}: {fault}" for folder in folders() for fault in faults(folder)]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
