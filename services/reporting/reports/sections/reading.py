"""A report's content as the sections read it: cells by path, and the tables that several sections share."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from services.reporting.figures.released import FEWEST_FOR_A_SHARE
from services.reporting.reports.content import Content, Json
from services.reporting.reports.formatting import Unit, day, month_name, shown
from services.reporting.reports.periods import PROJECT, Period
from services.reporting.reports.presentation import Cell, Row, Table, cell
from services.reporting.reports.words import Words
from shared.sorting import swedish_order


class Reading:
    """A content with its period and the words of its language."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.figures = content.figures
        self.words = Words(content.order.language)
        self.language = content.order.language
        self.period = content.period

    @property
    def last_day(self) -> str:
        return day(self.period.last, self.language)

    @property
    def standing(self) -> tuple[str, Json]:
        """The line of co-financing that the report is about, with its path: the project's, or its municipality's."""
        code = self.content.order.municipality
        lines = {one["code"]: one for one in self.content.cofinancing["municipalities"]}
        if code in lines:
            return f"cofinancing.municipalities.{code}", lines[code]
        return "cofinancing.project", self.content.cofinancing["project"]

    def at(self, path: str, unit: Unit) -> Cell:
        """The cell of a figure that every report has, by its dotted path; minutes become hours when the unit is
        hours.
        """
        value: Any = self.figures
        for part in path.split("."):
            value = value[part]
        return cell(path, value, unit)

    def row(self, word: str, path: str, unit: Unit) -> Row:
        return Row(self.words(word), (self.at(path, unit),))

    def text(self, path: str, unit: Unit) -> str:
        return self.at(path, unit).text(self.language)

    def shown(self, value: int | float | Decimal | None, unit: Unit) -> str:
        return shown(value, unit, self.language)

    def heads(self, *words: str) -> tuple[str, ...]:
        """The heads of a table's columns."""
        return tuple(self.words(word) for word in words)

    def municipality(self, code: str) -> str:
        if code == "unmatched":
            return self.words("unmatched")
        return str(self.content.names["municipalities"].get(code, code))

    def month(self, written: str) -> str:
        """`Mars` of `2025-03`; beyond a year `Mars 2025`."""
        name = month_name(int(written[5:]), self.language).capitalize()
        return name if self.period.first.year == self.period.last.year else f"{name} {written[:4]}"

    def alt(self, word: str) -> Callable[..., str]:
        """Fills the highest and the lowest bar into an alternative text."""
        return lambda **values: self.words(word, **values)

    def period_words(self, *, running: bool = False) -> str:
        """`2025`, `kvartal 4 2025`, `november 2025`; in running text a year is `året 2025`."""
        return period_words(self.period, self.words, running=running)

    def shares(self, word: str, group: str, name: str, kind: str) -> Table:
        """A table of persons and their share of the total."""
        counts: Json = self.figures[group][name]
        total = self.figures[group]["total"]
        whole = 0 if "rounded_to" in self.figures and total < FEWEST_FOR_A_SHARE else total
        rows = tuple(
            Row(self.words.named(kind, code), _with_share(f"{group}.{name}.{code}", count, whole))
            for code, count in counts.items()
        )
        sum_row = Row(self.words("total"), _with_share(f"{group}.total", total, whole), total=True)
        header = self.heads(word, "persons", "share")
        return Table(f"{group}-{name}", self.words(f"{word}.caption"), header, (*rows, sum_row))

    def counts(self, word: str, group: str, name: str, label: Callable[[str], str], total: str, unit: Unit) -> Table:
        """A table of counts that add up to the total of their group, in Swedish order of the labels."""
        found: Json = self.figures[group][name]
        rows = [Row(label(code), (cell(f"{group}.{name}.{code}", count, unit),)) for code, count in found.items()]
        rows.sort(key=lambda row: swedish_order(row.label))
        rows.append(Row(self.words("total"), (self.at(f"{group}.{total}", unit),), total=True))
        header = self.heads(word, "number_of")
        return Table(f"{group}-{name}", self.words(f"{word}.caption"), header, tuple(rows))


def period_words(period: Period, words: Words, *, running: bool = False) -> str:
    if period.written == PROJECT:
        return words("whole_period")
    if period.quarter:
        return words("quarter", quarter=period.quarter, year=period.year)
    if period.month:
        return words("month", month=month_name(period.month, words.language), year=period.year)
    return words("year", year=period.year) if running else str(period.year)


def _with_share(path: str, count: int, total: int) -> tuple[Cell, ...]:
    share = Decimal(count) / total if total else None
    return cell(path, count, Unit.PERSONS), Cell("", share, Unit.SHARE)
