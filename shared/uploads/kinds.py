"""The files that may be uploaded: what they may hold, and how their pages tell what becomes of them."""

import dataclasses
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pydantic import BaseModel

from shared.database.unit_of_work import Unit
from shared.imports.reading import Expected
from shared.imports.table import Table
from shared.uploads.rules import Field
from shared.web.pages.languages import _, ngettext

OF_ROWS: Final = {"create": _("New"), "update": _("Changed"), "unchanged": _("As before")}
Progress = Callable[[int], Awaitable[None]]
"""Told how many rows have been looked at."""


class Carries(Protocol):
    """What becomes of each row, `about` what the kind is about; writes all of them, or none."""

    async def __call__(
        self, unit: Unit, table: Table, about: str, *, dry_run: bool, language: str, progress: Progress
    ) -> BaseModel: ...


@dataclass(frozen=True)
class Texts:
    """What the pages say, in English as in templates. `totals`: of the keys of an answer's totals, those that are shown
    with their words; `new`: those that say how many rows are written, with what the button then says.
    """

    heading: str
    to_the_list: str
    totals: Mapping[str, str] = dataclasses.field(default_factory=lambda: OF_ROWS)
    save: tuple[str, str] = ngettext("Save %(num)s row", "Save %(num)s rows")
    new: tuple[str, ...] = ("create", "update")
    hints: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """How a field is written, by its name."""
    needed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Of fields that are needed in some cases: in which."""


@dataclass(frozen=True)
class FileKind:
    """A kind of file. Its columns can be any of `fields`; `missing` names those that every row needs."""

    name: str
    fields: tuple[Field, ...]
    texts: Texts
    back: str
    """The address of the list that it fills."""
    missing: Callable[[Unit, Collection[str]], list[str]]
    expected: Expected = dataclasses.field(default_factory=Expected)
    plain: Mapping[tuple[str, str], tuple[str, str]] = dataclasses.field(default_factory=dict)
    """What a cell is to hold, by field and code, where a call of the API says it otherwise."""
    about: str = ""

    @property
    def key(self) -> str:
        """Which uploads are of this kind."""
        return f"{self.name}/{self.about}" if self.about else self.name

    def of(self, unit: Unit) -> tuple[Field, ...]:
        """The fields that somebody may fill in: a municipality's rows are its own."""
        return tuple(one for one in self.fields if unit.municipality is None or one.name != "municipality")

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


Find = Callable[[Mapping[str, Any]], FileKind]
"""The kind that a path's parameters say. Raises 404."""
