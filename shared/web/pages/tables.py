"""Rows of a table that a narrow screen shows as blocks."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

OPENED = re.compile(r"<(tr|th|td)\b(?=[ >])")
FIRST = re.compile(r"[^>]*>(?:\s|<(?!/td)[^>]*>)*([^<]*)")
"""From within a cell's tag: the first text that the cell holds."""
BLANK = re.compile(r"(<td\b[^>]*>)\s+(?=</td>)")
ROLES = {"tr": "row", "th": "rowheader", "td": "cell"}


def stacking(rows: Markup, columns: Sequence[Sequence[str]]) -> Markup:
    """Each cell with the heading of its column, which styles show when the columns no longer stand beside each other,
    unless the cell begins with the same word: what can be done stands alone. And with its role, since a browser takes
    a table that is not laid out as one for anything but a table.
    """
    place = 0

    def told(found: re.Match[str]) -> str:
        nonlocal place
        name = found[1]
        place = 0 if name == "tr" else place + 1
        label = columns[place - 1][0] if name == "td" and place <= len(columns) else ""
        words = label.striptags() if isinstance(label, Markup) else label
        first = FIRST.match(rows, found.end()) if words else None
        if first and Markup(first[1]).unescape().strip() == words:  # noqa: S704  # read, not shown
            words = ""
        return f'{found[0]} role="{ROLES[name]}"' + (f' data-label="{escape(words)}"' if words else "")

    return Markup(BLANK.sub(r"\1", OPENED.sub(told, rows)))  # noqa: S704  # what was markup is markup
