"""A report's input rows: the pseudonymous facts that it takes as canonical JSON, one row a fact, and back again.

The rows are kept with the report, so its figures can be computed again on any later day, also after the streams were
compacted. In form 2 they are those of the report's days (see `recompute.narrow`), and a row says so; without one, in
form 1, they are everything below the cut-off.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from typing import Any, Final, get_type_hints

from pydantic import TypeAdapter

from services.reporting.days import Period
from services.reporting.recompute.model import CutOff, Facts, Project
from services.reporting.reports.content import canonical, sha256

FORM: Final = 2
_NOT_ROWS = ("project", "taken", "cut_off", "data_as_of", "rules")
_PROJECT, _TAKEN = "project", "taken"


@dataclass(frozen=True, order=True, slots=True)
class InputRow:
    """One fact: the kind is the name of its collection in `Facts` (`rolls`, `persons`, …); the text is canonical
    JSON.
    """

    kind: str
    text: str

    def value(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found

    @property
    def event_id(self) -> str | None:
        """The event that the fact comes from; of a registration the latest, of sums none."""
        value = self.value()
        return (value["steps"][-1] if "steps" in value else value).get("event_id")


def rows_of(facts: Facts) -> tuple[InputRow, ...]:
    """The rows of facts in their one order: by kind, then by text."""
    rows = [_row(_PROJECT, TypeAdapter(Project).dump_python(facts.project, mode="json"))]
    if facts.taken is not None:
        rows.append(_row(_TAKEN, {"form": FORM, **TypeAdapter(Period).dump_python(facts.taken, mode="json")}))
    for kind, adapter in collections().items():
        rows += [_row(kind, value) for value in adapter.dump_python(getattr(facts, kind), mode="json")]
    return tuple(sorted(rows))


def facts_of(rows: Iterable[InputRow], cut_off: CutOff, data_as_of: datetime | None) -> Facts:
    """The facts that rows state. Raises ValueError when a row is not one of ours."""
    by_kind: dict[str, list[Any]] = {}
    for row in sorted(rows):
        by_kind.setdefault(row.kind, []).append(row.value())
    unknown = by_kind.keys() - {_PROJECT, _TAKEN, *collections()}
    projects = by_kind.get(_PROJECT, [])
    if unknown or len(projects) != 1:
        raise ValueError(f"{len(projects)} rows of the project, and rows of unknown kinds: {sorted(unknown)}")
    loaded = {kind: adapter.validate_python(by_kind.get(kind, [])) for kind, adapter in collections().items()}
    return replace(
        Facts(TypeAdapter(Project).validate_python(projects[0]), cut_off=cut_off, data_as_of=data_as_of),
        taken=_days_of(*by_kind.get(_TAKEN, [])),
        **loaded,
    )


def hash_of(rows: Sequence[InputRow]) -> str:
    """SHA-256 over the sorted rows, one line each: kind, tab, text."""
    return sha256("".join(f"{row.kind}\t{row.text}\n" for row in sorted(rows)).encode())


def _days_of(*taken: dict[str, Any]) -> Period | None:
    if not taken:
        return None
    [one] = taken
    if one.pop("form") != FORM:
        raise ValueError(f"rows of a form that is not known: {taken}")
    return TypeAdapter(Period).validate_python(one)


def _row(kind: str, value: Any) -> InputRow:
    return InputRow(kind, canonical(value).decode())


@cache
def collections() -> dict[str, TypeAdapter[Any]]:
    """How to write and read each collection of `Facts`."""
    types = get_type_hints(Facts)
    return {one.name: TypeAdapter(types[one.name]) for one in fields(Facts) if one.name not in _NOT_ROWS}
