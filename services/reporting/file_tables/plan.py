"""A table that is taken in as a whole or not at all: what becomes of each row, and what is to be written."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from services.reporting.file_tables.bodies import ImportShown, RowShown
from shared.database.unit_of_work import Unit
from shared.imports.bodies import Outcome, TotalsShown, errors_shown, notes_shown
from shared.imports.rows import read_row
from shared.imports.table import Table, column_missing
from shared.web.bodies import Body
from shared.web.problems import FieldError, invalid

B = TypeVar("B", bound=Body)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one row."""

    row: int
    outcome: Outcome
    errors: list[FieldError] = field(default_factory=list)


@dataclass(frozen=True)
class Plan(Generic[K, V]):
    """The fates of all rows, and the values that differ from what is known."""

    fates: list[Fate]
    changes: dict[K, V]

    @property
    def is_good(self) -> bool:
        return all(fate.outcome != "error" for fate in self.fates)

    def shown(self, table: Table, columns: Collection[str], language: str, *, written: bool) -> ImportShown:
        outcomes = [fate.outcome for fate in self.fates]
        totals = {name: outcomes.count(name) for name in ("create", "update", "unchanged", "error")}
        return ImportShown(
            rows=[
                RowShown(row=fate.row, outcome=fate.outcome, errors=errors_shown(fate.errors, language))
                for fate in self.fates
            ],
            totals=TotalsShown(rows=len(outcomes), written=len(self.changes) if written else 0, **totals),
            ignored_columns=[name for name in table.columns if name not in columns],
            notes=notes_shown(table, language),
        )


def in_our_words(table: Table, swedish: Mapping[str, str]) -> Table:
    """The table with Swedish names of columns as the fields that they are."""
    ours = {name: field for name, field in swedish.items() if name in table.columns and field not in table.columns}
    rows = (replace(row, cells={ours.get(name, name): cell for name, cell in row.cells.items()}) for row in table.rows)
    return replace(table, columns=tuple(ours.get(name, name) for name in table.columns), rows=tuple(rows))


def plan(
    table: Table, body: type[B], required: Collection[str], split: Callable[[B], tuple[K, V]], known: Mapping[K, V]
) -> Plan[K, V]:
    """What becomes of the rows, each the body of what `split` makes a key and its value.

    Raises 422 for a file without the columns that every row needs.
    """
    if missing := [name for name in required if name not in table.columns]:
        raise invalid(*map(column_missing, missing))
    fates: list[Fate] = []
    stated: dict[K, tuple[int, V]] = {}
    for row in table.rows:
        read, errors = read_row(row, body, {name: row.cells[name] for name in body.model_fields if name in row.cells})
        if read is None or errors:
            fates.append(Fate(row.number, "error", errors))
            continue
        key, value = split(read)
        earlier, before = stated.setdefault(key, (row.number, value))
        if before != value:
            fates.append(Fate(row.number, "error", [_contradicts(earlier)]))
        elif earlier != row.number or known.get(key) == value:
            fates.append(Fate(row.number, "unchanged"))
        else:
            fates.append(Fate(row.number, "update" if key in known else "create"))
    return Plan(fates, {key: value for key, (_, value) in stated.items() if key not in known or known[key] != value})


def missing_of(required: Collection[str]) -> Callable[[Unit, Collection[str]], list[str]]:
    """The columns that every row needs and a file lacks."""
    return lambda unit, columns: [name for name in required if name not in columns]


def _contradicts(earlier: int) -> FieldError:
    return FieldError(
        "",
        "contradicts",
        f"Rad {earlier} säger något annat om samma sak. Behåll en av dem.",
        f"Row {earlier} says something else of the same thing. Keep one of them.",
    )
