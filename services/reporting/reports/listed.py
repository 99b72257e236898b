"""Lists in a report: a row for each person, month or group, the same in every format."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from services.reporting.reports.formatting import NARROW_SPACE, NOTHING

Value = str | int | None
Form = Literal["text", "id", "date", "count", "minutes"]
PARTICIPANT = "participant_id"
"""The column by which booking adds names to a list."""
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Column:
    """A column: its name for programs, and its title in the report's language."""

    name: str
    title: str
    form: Form = "text"


@dataclass(frozen=True)
class Listed:
    """A list: values in the order of its columns; a day is written as in ISO 8601."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    def column(self, name: str) -> list[Value]:
        at = [column.name for column in self.columns].index(name)
        return [row[at] for row in self.rows]

    def document(self) -> dict[str, Any]:
        """The list as the JSON file shows it."""
        return {**asdict(self), "columns": [asdict(one) for one in self.columns], "rows": [[*row] for row in self.rows]}


def listed_of(document: Mapping[str, Any]) -> Listed:
    """The list that a document states."""
    columns = tuple(Column(**one) for one in document["columns"])
    return Listed(document["name"], document["title"], columns, tuple(tuple(row) for row in document["rows"]))


def shown_in(column: Column, value: Value) -> str:
    """A value as a reader meets it: minutes as hours and minutes, nothing as a dash."""
    if value is None:
        return NOTHING
    if column.form == "minutes" and isinstance(value, int):
        sign, (hours, minutes) = _MINUS if value < 0 else "", divmod(abs(value), 60)
        return f"{sign}{hours}{NARROW_SPACE}h {minutes:02}{NARROW_SPACE}min"
    return str(value)


def day_of(value: Value) -> date:
    """The day that a cell of a column of days states."""
    return date.fromisoformat(str(value))
