"""A report as a reader meets it: sections of tables and charts. Every format shows these cells and computes nothing
itself.
"""

from dataclasses import dataclass
from decimal import Decimal

from services.reporting.reports.charts import Chart
from services.reporting.reports.formatting import Unit, hours, shown
from services.reporting.reports.listed import Listed


@dataclass(frozen=True)
class Cell:
    """One value: where it stands in the figures, and the exact value in the unit shown (hours are not rounded yet)."""

    path: str
    value: Decimal | None
    unit: Unit

    def text(self, language: str) -> str:
        return shown(self.value, self.unit, language)

    @property
    def figure(self) -> str:
        """The exact number that the API states under `path`; minutes, where hours are shown."""
        if self.value is None:
            return ""
        return f"{self.value * 60:.0f}" if self.unit is Unit.HOURS else f"{self.value:f}"


@dataclass(frozen=True)
class Row:
    label: str
    cells: tuple[Cell, ...]
    total: bool = False


@dataclass(frozen=True)
class Table:
    """A caption, one column of labels, and columns of cells."""

    id: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Section:
    id: str
    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    lists: tuple[Listed, ...] = ()


@dataclass(frozen=True)
class Presentation:
    """What a reader sees, in order. `texts` are the project office's own (heading, Markdown); `about` identifies the
    report.
    """

    language: str
    title: str
    project: str
    subtitle: str
    period_line: str
    key_figures: tuple[Row, ...]
    sections: tuple[Section, ...]
    texts: tuple[tuple[str, str], ...]
    about: tuple[tuple[str, str], ...]
    positions: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str], ...]


NOTHING = Cell("", None, Unit.COUNT)
"""A place of a table where there is no figure."""


def cell(path: str, value: int | float | None, unit: Unit) -> Cell:
    """A cell of a figure; `value` is in minutes when the unit is hours."""
    if value is None:
        return Cell(path, None, unit)
    exact = hours(int(value)) if unit is Unit.HOURS else Decimal(str(value))
    return Cell(path, exact, unit)
