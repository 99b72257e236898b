"""Every text of every page has its Swedish, that somebody has looked at, once."""

from pathlib import Path

import pytest

from infra import texts
from infra.settings import ROOT


@pytest.mark.parametrize("folder", texts.folders(), ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_text_has_its_swedish(folder: Path) -> None:
    """`python -m infra.texts` writes what is missing."""
    assert texts.faults(folder) == []


def test_the_same_english_is_the_same_swedish_everywhere() -> None:
    said: dict[str, set[str]] = {}
    for folder in texts.folders():
        for message in texts.catalogue(folder):
            if message.id:
                said.setdefault(str(message.id), set()).add(str(message.string))
    assert {text: swedish for text, swedish in said.items() if len(swedish) > 1} == {}


def test_the_check_sees_a_text_without_swedish(tmp_path: Path) -> None:
    folder = tmp_path / "noun" / "templates"
    folder.mkdir(parents=True)
    (folder / "page.html").write_text('{{ _("Nobody has translated this") }}', "utf-8")
    assert texts.faults(folder) == ["no Swedish for 'Nobody has translated this'"]
    (folder / "sv.po").write_text('#, fuzzy\nmsgid "Nobody has translated this"\nmsgstr "Gissat"\n', "utf-8")
    assert texts.faults(folder) == ["nobody has looked at 'Nobody has translated this' (fuzzy)"]
