"""What the entries of the log are about, by name: looked up when the log is read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from services.reporting.figures.asking import counting
from services.reporting.figures.project import names_known
from services.reporting.reports.words import Words
from shared.audit.telling import Names, Thing
from shared.database.unit_of_work import Unit
from shared.web.pages.languages import LANGUAGE

THINGS: Final = text(
    """
    SELECT id, 'schedule' AS kind, kind AS report, NULL AS name FROM schedules WHERE id = ANY (CAST(:ids AS uuid[]))
    UNION ALL SELECT id, 'activity', NULL, theme FROM activities WHERE id = ANY (CAST(:ids AS uuid[]))
    """
)
ADDRESSES: Final = {"schedule": "/uppfoljning/scheman", "activity": "/uppfoljning/aktiviteter"}
OF_A_YEAR: Final = {"competence": "/uppfoljning/kompetens/", "economy": "/uppfoljning/ekonomi?year="}


async def names_of(unit: Unit, ids: Iterable[UUID], targets: Sequence[str]) -> Names:
    """What these ids and targets stand for."""
    words = Words(LANGUAGE.get())
    things = {
        row["id"]: Thing(
            row["kind"],
            row["name"] or words.named("kind", row["report"]),
            address=f"{ADDRESSES[row['kind']]}/{row['id']}",
        )
        for row in await unit.all(THINGS, {"ids": sorted(set(ids))})
    }
    towns = (await names_known(unit, await counting(unit)))["municipalities"]
    return Names(things, dict(_without_rows(targets)), towns)


def _without_rows(targets: Sequence[str]) -> Iterator[tuple[str, Thing]]:
    for target in targets:
        kind, _, year = target.partition("/")
        if kind in OF_A_YEAR:
            yield target, Thing(kind, year, address=f"{OF_A_YEAR[kind]}{year}")
