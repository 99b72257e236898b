"""What the fonts beside this file can show. A PDF/UA with any other character is none, and is not written at all: one
odd character in the title of one course would cost every report.
"""

import struct
import unicodedata
from collections.abc import Iterator, Mapping
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
    return frozenset.intersection(*(frozenset(_code_points(path.read_bytes())) for path in sorted(FONTS.glob("*.ttf"))))


def _code_points(font: bytes) -> Iterator[int]:
    """Those that a TrueType font maps to a glyph (its table `cmap` for Unicode's basic plane, format 4)."""
    table = _table(font, b"cmap")
    [count] = struct.unpack_from(">H", font, table + 2)
    entries = (struct.unpack_from(">HHI", font, table + 4 + 8 * number) for number in range(count))
    [start] = [table + offset for platform, encoding, offset in entries if (platform, encoding) == (3, 1)]
    [doubled] = struct.unpack_from(">H", font, start + 6)
    size = doubled // 2
    ends = struct.unpack_from(f">{size}H", font, start + 14)
    begins = struct.unpack_from(f">{size}H", font, start + 16 + doubled)
    deltas = struct.unpack_from(f">{size}H", font, start + 16 + 2 * doubled)
    ranges = start + 16 + 3 * doubled
    offsets = struct.unpack_from(f">{size}H", font, ranges)
    for number, (begin, end, delta, offset) in enumerate(zip(begins, ends, deltas, offsets, strict=True)):
        for point in range(begin, end + 1):
            glyph = point
            if offset:
                [glyph] = struct.unpack_from(">H", font, ranges + 2 * number + offset + 2 * (point - begin))
            if (glyph + delta) % 65536 and (glyph or not offset):
                yield point


def _table(font: bytes, name: bytes) -> int:
    """Where a table of a TrueType font begins."""
    [count] = struct.unpack_from(">H", font, 4)
    entries = (struct.unpack_from(">4sIII", font, 12 + 16 * number) for number in range(count))
    [begin] = [offset for tag, _, offset, _ in entries if tag == name]
    return int(begin)
