"""What the fonts beside this file can show. A PDF/UA with any other character is none, and is not written at all: one
odd character in the title of one course would cost every report.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

FONTS: Final = Path(__file__).parent / "fonts"
REPLACEMENT: Final = "\N{WHITE SQUARE}"
_BYTE_ORDER_MARK: Final = "\ufeff"  # without width, and forbidden in a PDF/UA
_VARIATIONS: Final = range(0xFE00, 0xFE10)  # say how to show the character before: nothing by themselves
_LAYOUT: Final = "\n\t"


def displayable(value: Any) -> Any:
    """The same value, however nested, with every character of its texts that the fonts have not replaced."""
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else "".join(map(_shown, value))
    if isinstance(value, Mapping):
        return {name: displayable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [displayable(part) for part in value]
    return value


@cache
def _shown(character: str) -> str:
    if character in _LAYOUT or (ord(character) in _in_every_font() and character != _BYTE_ORDER_MARK):
        return character
    without_width = unicodedata.category(character) == "Cf" or ord(character) in _VARIATIONS
    return "" if without_width else REPLACEMENT


@cache
def _in_every_font() -> frozenset[int]:
    """Code points that each of the fonts has: a text may be set in any."""
    from fontTools.ttLib import TTFont  # a tenth of a second, and nearly every text is ASCII or Swedish

    return frozenset.intersection(*(frozenset(TTFont(path).getBestCmap()) for path in sorted(FONTS.glob("*.ttf"))))
