"""The fonts of the PDF and what they can show. A PDF/UA with any other character is none, and is not written at all:
one odd character in the title of one course would cost every report.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from shared.assets import FOLDER

FAMILIES: Final = ("Source Sans 3", "Noto Sans Arabic", "Noto Sans Ethiopic", "Noto Sans Symbols 2")
"""In the order in which they are asked for a character. The first has Latin, Greek, Cyrillic and the usual signs; the
others what people in Swedish care work write besides: Arabic, Persian, Tigrinya, and symbols.
"""
_STYLES: Final = ("400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic")
REPLACEMENT: Final = "\N{WHITE SQUARE}"
_BYTE_ORDER_MARK: Final = "\ufeff"  # without width, and forbidden in a PDF/UA
_VARIATIONS: Final = range(0xFE00, 0xFE10)  # say how to show the character before: nothing by themselves
_LAYOUT: Final = "\n\t"


def font_folders() -> list[str]:
    """The folders of the fonts, one a family and style."""
    return [str(folder) for family in FAMILIES for folder in _styles_of(family)]


def _styles_of(family: str) -> list[Path]:
    package = FOLDER / "@expo-google-fonts" / family.lower().replace(" ", "-")
    return [package / style for style in _STYLES if (package / style).is_dir()]


def displayable(value: Any) -> Any:
    """The same value, however nested, with every character of its texts that the fonts have not replaced."""
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else "".join(map(_shown, value))
    if isinstance(value, Mapping):
        return {name: displayable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [displayable(part) for part in value]
    return value


def drawable(svg: str) -> str:
    """A chart with each run of letters that only a second font has as one replacement: in a picture Typst finds no
    other font for them, and then writes no PDF/UA. The table beside the chart has them.
    """
    if svg.isascii():
        return svg
    first = _covered_by(FAMILIES[0])
    shown = "".join(each if ord(each) in first or each in _LAYOUT else REPLACEMENT for each in svg)
    return re.sub(f"{REPLACEMENT}+", REPLACEMENT, shown)


def replaced(value: Any) -> list[str]:
    """The characters that `displayable` replaces, each once, in the order of their code points."""
    return sorted({character for text in _texts(value) for character in text if _is_missing(character)})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if not value.isascii():
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _is_missing(character: str) -> bool:
    return character != REPLACEMENT and _shown(character) == REPLACEMENT


@cache
def _shown(character: str) -> str:
    if character in _LAYOUT or (ord(character) in _covered() and character != _BYTE_ORDER_MARK):
        return character
    without_width = unicodedata.category(character) == "Cf" or ord(character) in _VARIATIONS
    return "" if without_width else REPLACEMENT


@cache
def _covered() -> frozenset[int]:
    """Code points that some family has in each of its styles: a text may be set in any."""
    return frozenset.union(*map(_covered_by, FAMILIES))


@cache
def _covered_by(family: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # a tenth of a second, and nearly every text is ASCII or Swedish

    files = [file for folder in _styles_of(family) for file in folder.glob("*.ttf")]
    return frozenset.intersection(*(frozenset(TTFont(file).getBestCmap()) for file in files))
