"""Charts as SVG: the same picture for the HTML page and the PDF. Every chart repeats a table, so nothing is said by
colour alone.
"""

import re
import sys
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle
from math import ceil
from typing import Any
from xml.etree.ElementTree import Element, tostring

import pygal
from pygal.style import Style

from services.reporting.reports.formatting import Unit, rounded, shown
from shared.documents.typeface import FAMILIES, REPLACEMENT

# pygal leaves an import hook of the old protocol behind, for map plug-ins that we do not have. It has no `find_spec`,
# so whoever walks the hooks by themselves (pytest does) would fail.
sys.meta_path[:] = [hook for hook in sys.meta_path if hasattr(hook, "find_spec")]

_BLUE = "#1f4e79"  # 8.6:1 against white: readable without colour vision
_FONT = ", ".join((*FAMILIES, "Arial", "sans-serif"))
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#222222",
    foreground_strong="#222222",
    foreground_subtle="#c8ccd0",
    colors=(_BLUE,),
    opacity="1",
    opacity_hover="1",
    transition="0s",
    font_family=_FONT,
    label_font_size=13,
    major_label_font_size=13,
    value_font_size=13,
    value_label_font_size=13,
    no_data_font_size=13,
)
_GRID = "stroke: #d5d9dd; stroke-dasharray: none"
_ROOM_FOR_VALUES = Decimal("1.08")
_LONGEST_LABEL = 40  # of a line 760 wide half is left for the bars; the table beside the chart has the whole text
_MOST_TICKS = 6
_SMALLEST_STEP = {Unit.SHARE: Decimal("0.01")}
_HOVER_TEXTS = {"title", "desc"}
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has not: one of them in a title, and no reader shows the picture."""


@dataclass(frozen=True)
class Chart:
    """A picture with its title and its alternative text. `height` is in the same units as the width, 760."""

    id: str
    title: str
    alt: str
    svg: str
    height: int

    @property
    def address(self) -> str:
        """The picture itself, as an `img` of a page has it: its styles reach nothing else there."""
        return f"data:image/svg+xml;base64,{b64encode(self.svg.encode()).decode()}"


Values = Sequence[tuple[str, Decimal | None]]


def bars(
    name: str, title: str, language: str, unit: Unit, values: Values, *, alt: Callable[..., str]
) -> tuple[Chart, ...]:
    """Horizontal bars, longest on top. No chart without values."""
    known = sorted(((label, value) for label, value in values if value is not None), key=lambda each: each[1])
    if not known:
        return ()
    height = 70 + 27 * len(known)
    chart = pygal.HorizontalBar(height=height, **_settings(language, unit))
    return (_finished(chart, name, title, known, alt, language, unit, height),)


def columns(
    name: str, title: str, language: str, unit: Unit, values: Values, *, alt: Callable[..., str]
) -> tuple[Chart, ...]:
    """Vertical bars in the order given. No chart without values."""
    known = [(label, value) for label, value in values if value is not None]
    if not known:
        return ()
    chart = pygal.Bar(height=300, **_settings(language, unit))
    return (_finished(chart, name, title, known, alt, language, unit, 300),)


def _settings(language: str, unit: Unit) -> dict[str, Any]:
    return {
        "width": 760,
        "truncate_label": -1,
        "style": _STYLE,
        "show_legend": False,
        "print_values": True,
        "js": (),
        "disable_xml_declaration": True,
        "explicit_size": False,
        "margin": 8,
        "include_x_axis": True,
        "classes": ("chart",),
        "value_formatter": lambda value: _on_axis(value, unit, language),
        "print_values_position": "top",
    }


def _finished(
    chart: Any,
    name: str,
    title: str,
    known: list[tuple[str, Decimal]],
    alt: Callable[..., str],
    language: str,
    unit: Unit,
    height: int,
) -> Chart:
    ticks = _ticks(max(value for _, value in known), _SMALLEST_STEP.get(unit, Decimal(1)))
    chart.range = (0, float(max(ticks[-1], max(value for _, value in known) * _ROOM_FOR_VALUES)))
    chart.y_labels = [float(tick) for tick in ticks]
    chart.uuid = name  # pygal gives each chart a random id: two runs would differ
    chart.x_labels = [_short(_NOT_IN_XML.sub(REPLACEMENT, label)) for label, _ in known]
    chart.add(title, [float(value) for _, value in known], formatter=lambda value: shown(value, unit, language))
    highest, lowest = max(known, key=lambda each: each[1]), min(known, key=lambda each: each[1])
    text = alt(
        high=highest[0],
        high_value=shown(highest[1], unit, language),
        low=lowest[0],
        low_value=shown(lowest[1], unit, language),
    )
    return Chart(name, title, text, _plain(chart.render_tree()), height)


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"


def _ticks(highest: Decimal, step: Decimal) -> list[Decimal]:
    """Where an axis has lines: from 0 on, a round step apart, no two of which would be called the same."""
    for factor in cycle((Decimal(2), Decimal("2.5"), Decimal(2))):
        if highest / step < _MOST_TICKS:
            break
        step *= factor
    return [step * number for number in range(max(1, ceil(highest / step)) + 1)]


def _on_axis(value: float, unit: Unit, language: str) -> str:
    """Whole hours and whole per cents are enough along an axis."""
    if unit is Unit.SHARE:
        return shown(rounded(Decimal(str(value)) * 100, 0), Unit.COUNT, language) + {"sv": " %", "en": "%"}[language]
    return shown(rounded(Decimal(str(value)), 0), Unit.COUNT, language)


def _plain(tree: Element) -> str:
    """The picture alone: without pygal's comments (they carry the day of the run), hover texts and tooltips."""
    for parent in list(tree.iter()):
        for child in list(parent):
            if (
                not isinstance(child.tag, str)
                or child.tag in _HOVER_TEXTS
                or "tooltip-overlay" in child.get("class", "")
            ):
                parent.remove(child)
    for line in tree.iterfind(".//path"):
        if "guide" in line.get("class", ""):
            line.set("style", _GRID)
    if tree.find(".//g[@class='graph horizontalbar-graph horizontal']") is not None:
        for label in tree.iterfind(".//text[@class='value']"):
            label.set("text-anchor", "start")  # beside the bar instead of across its end
    return tostring(tree, encoding="unicode")
