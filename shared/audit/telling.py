"""Entries of the audit with what they are about and what they changed, for pages to tell in words."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple
from uuid import UUID

from fastapi import Query
from sqlalchemy import RowMapping

from shared.audit.changes import Changed, changes, ids_in
from shared.audit.queries import Wanted, actors_named, entries
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page
from shared.web.fields import Day, Line
from shared.web.pages.views import View

NO_ID: Final = UUID(int=0)
ROWS: Final = 50


class ActText(NamedTuple):
    """An act in a few words, and in a sentence: of `person`, `session` and `thing` it names those that it is about."""

    short: str
    sentence: str


@dataclass(frozen=True)
class Thing:
    """What an entry is about. `name`: of what is no person and no session; a municipality by its name."""

    kind: str
    name: str | None = None
    person: str | None = None
    staff_id: UUID | None = None
    session_id: UUID | None = None
    title: str | None = None
    starts_at: datetime | None = None
    address: str | None = None


@dataclass(frozen=True)
class Names:
    """By which names the log calls things: by their id, else by their target (`course/TR1`)."""

    things: Mapping[UUID, Thing] = field(default_factory=dict)
    targets: Mapping[str, Thing] = field(default_factory=dict)
    municipalities: Mapping[str, str] = field(default_factory=dict)

    def thing(self, target: str) -> Thing:
        """What a target of the audit is about, as far as there is still a row that tells."""
        kind, _, key = target.partition("/")
        known = self.targets.get(target) or self.things.get(id_of(key))
        return known or Thing(kind, key if id_of(key) == NO_ID else None)


@dataclass(frozen=True)
class Words:
    """What a service's log says of its acts, kinds of things, fields and values. `settings`: the template that says
    what a setting of the project is.
    """

    acts: Mapping[str, ActText]
    kinds: Mapping[str, str]
    fields: Mapping[str, str]
    values: Mapping[str, str]
    coded: frozenset[str]
    settings: str = ""


@dataclass(frozen=True)
class LogFilters:
    """What a log is asked for, as its address has it. `actor`: the beginning of a name; `target`: `session/<id>`."""

    kind: Line | None = None
    action: Line | None = None
    actor: Line | None = None
    target: Line | None = None
    from_: Annotated[Day | None, Query(alias="from")] = None
    to: Day | None = None

    async def asked(self, unit: Unit, targets: Sequence[str] | None = None) -> Wanted:
        """What is read of the audit: of these targets, else of the one that is asked for."""
        own = [self.target] if targets is None and self.target else targets
        actors = await actors_named(unit, self.actor) if self.actor else None
        return Wanted(actors, own, self.kind, self.action, self.from_, self.to)


@dataclass(frozen=True)
class Told:
    """One entry."""

    row: RowMapping
    about: Thing
    changes: Sequence[Changed]

    @property
    def is_new(self) -> bool:
        """Whether it tells how something was when it began, rather than what became different."""
        return all(one.added for one in self.changes)


FindNames = Callable[[Unit, Iterable[UUID], Sequence[str]], Awaitable[Names]]
"""The names of these ids and targets."""


async def log_page(
    unit: Unit, page: Page, wanted: Wanted, target: str | None, find: FindNames, words: Words, **more: Any
) -> View:
    """Who did what to whom and what, latest first."""
    shorter = Page(ROWS, page.after, page.path)
    rows = await entries(unit, wanted, shorter)
    told, names = await _told_of(unit, rows, find, also=target)
    return View(
        "log.html",
        listing=shorter.answer(told, lambda one: [one.row["id"]], lambda one: one),
        names=names,
        words=words,
        about=names.thing(target) if target else None,
        first=wanted.from_,
        last=wanted.to,
        **more,
    )


async def _told_of(
    unit: Unit, rows: Sequence[RowMapping], find: FindNames, also: str | None
) -> tuple[list[Told], Names]:
    """The entries and the names of all that they, and the target `also`, speak of."""
    changed = [changes(row["before"], row["after"]) for row in rows]
    targets = [row["target"] for row in rows] + ([also] if also else [])
    ids = {id_of(target.partition("/")[2]) for target in targets}
    ids |= {id_ for each in changed for one in each for id_ in ids_in([one.before, one.after])}
    names = await find(unit, ids, targets)
    told = [Told(row, names.thing(row["target"]), each) for row, each in zip(rows, changed, strict=True)]
    return told, names


def id_of(text: str) -> UUID:
    """The id that a text is; NO_ID for any other text."""
    try:
        return UUID(text)
    except ValueError:
        return NO_ID
