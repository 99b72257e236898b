"""Entries of the audit with what they are about and what they changed, for pages to tell in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from services.booking.log_pages.changes import Changed, changes, ids_in
from services.booking.log_pages.things import Names, Thing, id_of, names_of
from shared.database.unit_of_work import Unit


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


async def told_of(unit: Unit, rows: Sequence[RowMapping], also: str | None = None) -> tuple[list[Told], Names]:
    """The entries and the names of all that they, and the target `also`, speak of."""
    changed = [changes(row["before"], row["after"]) for row in rows]
    targets = [row["target"] for row in rows] + ([also] if also else [])
    ids = {id_of(target.partition("/")[2]) for target in targets}
    ids |= {id_ for each in changed for one in each for id_ in ids_in([one.before, one.after])}
    names = await names_of(unit, ids)
    told = [Told(row, names.thing(row["target"]), each) for row, each in zip(rows, changed, strict=True)]
    return told, names
