"""Asking the current state: a question, and a statement that is put together of named expressions.

Where the tables are is part of the question: the version that counts, one that is rebuilt, or temporary ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import TextClause, text

from services.reporting.facts.versions import in_use, schema_of
from shared.database.unit_of_work import Unit

_PARAMETERS: Final = {
    "{first}": "CAST(:first AS date)",
    "{last}": "CAST(:last AS date)",
    "{municipality}": "CAST(:municipality AS text)",
    "{course}": "CAST(:course AS text)",
    "{to}": "CAST(:to AS date)",
    "{as_of}": "CAST(:as_of AS date)",
    "{since}": "CAST(:since AS date)",
    "{today}": "CAST(:today AS date)",
}
# A loop over a common table expression is never right, nor is sorting what can be hashed.
_SETTINGS: Final = (
    "SET LOCAL enable_nestloop = off",
    "SET LOCAL enable_mergejoin = off",
    "SET LOCAL plan_cache_mode = force_custom_plan",
    "SET LOCAL work_mem = '64MB'",
)
_ROOM_FOR_EVERYTHING: Final = "SET LOCAL work_mem = '256MB'"  # else what a million facts make goes to the disk


@dataclass(frozen=True, slots=True)
class Question:
    """What a figure is asked about: local days, both inclusive; None means all."""

    first: date = date.min
    last: date = date.max
    municipality: str | None = None
    course: str | None = None


class Statement:
    """A SELECT over expressions of which each may read those before it."""

    def __init__(self, expressions: Iterable[str], select: str) -> None:
        self._sql = f"WITH RECURSIVE {','.join(expressions)} {select}"
        for name, parameter in _PARAMETERS.items():
            self._sql = self._sql.replace(name, parameter)
        self.at = lru_cache(maxsize=4)(self._at)

    def _at(self, schema: str) -> TextClause:
        return text(self._sql.replace("{at}", schema))


async def counting(unit: Unit) -> str:
    """The schema of the version that counts until this transaction ends."""
    return schema_of(await in_use(unit))


async def ask(unit: Unit, at: str, statement: Statement, question: Question, **more: Any) -> list[dict[str, Any]]:
    """The rows of a statement. Sums over all rows are made for every role, which then sees what it may of them."""
    async with unit.as_system():
        for setting in (*_SETTINGS, *([_ROOM_FOR_EVERYTHING] if question.first == date.min else [])):
            await unit.execute(setting)
        rows = await unit.all(statement.at(at), {"to": question.last, **asdict(question), **more})
    return [dict(row) for row in rows]
