"""Reading the audit, latest first, in the caller's scope."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, RowMapping, select, text
from sqlmodel import col

from shared.audit.tables import AuditEntry
from shared.clock import day_end, day_start
from shared.database.conditions import among, where_given
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page

# From one actor to the next along the index: there are few, and entries without number.
ACTORS = text(
    """
    WITH RECURSIVE actors AS (
        SELECT min(actor) AS actor FROM audit
        UNION ALL
        SELECT (SELECT min(actor) FROM audit WHERE actor > actors.actor) FROM actors WHERE actor IS NOT NULL)
    SELECT actor, (SELECT actor_name FROM audit WHERE audit.actor = actors.actor ORDER BY id DESC LIMIT 1) AS name
      FROM actors WHERE actor IS NOT NULL
    """
)


@dataclass(frozen=True)
class Wanted:
    """What is read of the audit. `kind`: the part of a target before `/`; both days are local and inclusive."""

    actors: Sequence[str] | None = None
    targets: Sequence[str] | None = None
    kind: str | None = None
    action: str | None = None
    from_: date | None = None
    to: date | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        yield from where_given((AuditEntry.action, self.action))
        if self.actors is not None:
            yield among(col(AuditEntry.actor), self.actors)
        if self.targets is not None:
            yield among(col(AuditEntry.target), self.targets)
        if self.kind is not None:
            target = col(AuditEntry.target)
            # "0" comes after "/": a range, as the index has it.
            yield (target == self.kind) | ((target >= f"{self.kind}/") & (target < f"{self.kind}0"))
        if self.from_ is not None:
            yield col(AuditEntry.at) >= day_start(self.from_)
        if self.to is not None:
            yield col(AuditEntry.at) < day_end(self.to)


async def entries(unit: Unit, wanted: Wanted, page: Page) -> Sequence[RowMapping]:
    """The entries of a page of the list."""
    statement = select(AuditEntry).where(*wanted.conditions())
    return await unit.all(page.cut(statement, col(AuditEntry.id), latest_first=True))


async def actors_named(unit: Unit, name: str) -> list[str]:
    """Actors with a part of the name that begins like this, or with exactly this id at the issuer."""
    begin = name.lower()
    return [
        row["actor"]
        for row in await unit.all(ACTORS)
        if row["actor"] == name or f" {row['name'] or ''}".lower().find(f" {begin}") >= 0
    ]
