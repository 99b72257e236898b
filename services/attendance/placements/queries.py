"""Reading placements, their notes, and who may be placed."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.attendance.people.merged import became_of
from services.attendance.placements.bodies import PlacementShown, WeeklyNoteShown
from services.attendance.placements.rules import employers_on
from services.attendance.placements.tables import Employer, Placement, WeeklyNote
from shared.database.conditions import by_id
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page
from shared.web.problems import not_found

NOTED = text(
    """
    SELECT placement_id, count(*) AS weeks FROM weekly_notes
     WHERE placement_id = ANY (CAST(:placements AS uuid[])) GROUP BY placement_id
    """
)
# As their municipality writes it: what another employer calls them is that one's. The last employment there counts.
NAMES = text(
    """
    SELECT participant_id, employment ->> 'municipality' AS municipality,
           concat_ws(' ', nullif(contact ->> 'given_name', ''), nullif(contact ->> 'family_name', '')) AS name
      FROM people JOIN employers USING (participant_id)
     CROSS JOIN LATERAL jsonb_array_elements(employments) WITH ORDINALITY AS e (employment, place)
     CROSS JOIN LATERAL (SELECT contacts -> (employment ->> 'employment_id')) AS c (contact)
     WHERE participant_id = ANY (CAST(:people AS uuid[])) AND NOT (erased OR protected) AND contact IS NOT NULL
     ORDER BY employment ->> 'valid_from', place
    """
)
# Whoever is on placement first; by name as the municipality writes it. Few are called so by any employer: only their
# employments are read.
CANDIDATES = text(
    """
    WITH called AS MATERIALIZED (
        SELECT participant_id, contacts FROM people WHERE NOT erased AND NOT protected AND names LIKE :among
    )
    SELECT participant_id, contact ->> 'given_name' AS given_name, contact ->> 'family_name' AS family_name,
           employment ->> 'municipality' AS municipality, employment ->> 'kind' AS kind
      FROM called JOIN employers USING (participant_id)
     CROSS JOIN LATERAL jsonb_array_elements(employments) AS e (employment)
     CROSS JOIN LATERAL (SELECT contacts -> (employment ->> 'employment_id')) AS c (contact)
     WHERE (CAST(:municipality AS text) IS NULL OR employment ->> 'municipality' = :municipality)
       AND employment ->> 'valid_from' <= :day AND coalesce(employment ->> 'valid_to', '9999') >= :day
       AND (lower(contact ->> 'family_name') LIKE :q OR lower(contact ->> 'given_name') LIKE :q)
     ORDER BY employment ->> 'kind' = 'employed', contact ->> 'family_name', contact ->> 'given_name'
     LIMIT 20
    """
)


async def employers_of(unit: Unit, participant_id: UUID, day: date) -> list[str]:
    """The municipalities that employ a person on a day. Only in system scope."""
    row = await unit.one_or_none(select(Employer).where(col(Employer.participant_id) == participant_id))
    return employers_on(row["employments"], day) if row is not None else []


async def candidates(unit: Unit, begins: str, day: date) -> Sequence[RowMapping]:
    """People of that name who may be placed, at most twenty: a municipality's own staff."""
    q = f"{escaped(begins.lower())}%"
    # As a name begins in a JSON array.
    among = f"%{escaped(json.dumps(begins.lower(), ensure_ascii=False)[:-1])}%"
    values = {"municipality": unit.municipality, "day": day.isoformat(), "q": q, "among": among}
    async with unit.as_system():
        return await unit.all(CANDIDATES, values)


def escaped(begins: str) -> str:
    """A text as LIKE takes it by the letter."""
    return begins.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


async def find_placement(unit: Unit, placement_id: UUID, *, lock: bool = False) -> RowMapping:
    """Raises 404, also for another municipality's."""
    missing = not_found("Placeringen", "The placement")
    return await unit.found(by_id(Placement, placement_id, lock=lock), missing=missing)


async def placements_page(
    unit: Unit,
    page: Page,
    *,
    municipality: str | None = None,
    participant_id: UUID | None = None,
    latest_first: bool = False,
) -> Sequence[RowMapping]:
    """In the order in which they were entered."""
    statement = select(Placement)
    if municipality is not None:
        statement = statement.where(col(Placement.municipality) == municipality)
    if participant_id is not None:
        statement = statement.where(col(Placement.participant_id) == participant_id)
    return await unit.all(page.cut(statement, col(Placement.id), latest_first=latest_first))


async def placement_shown(unit: Unit, row: RowMapping | dict[str, Any]) -> PlacementShown:
    """With the person's name, where it may be read."""
    return (await placements_shown(unit, [row]))[0]


async def placements_shown(unit: Unit, rows: Sequence[RowMapping | dict[str, Any]]) -> list[PlacementShown]:
    """The same of several, in their order."""
    async with unit.as_system():
        became = await became_of(unit, {row["participant_id"] for row in rows})
        people = {row["participant_id"]: became.get(row["participant_id"], row["participant_id"]) for row in rows}
        known = await unit.all(NAMES, {"people": list(people.values())})
    names = {(row["participant_id"], row["municipality"]): row["name"] for row in known}
    found = await unit.all(NOTED, {"placements": [row["id"] for row in rows]})
    weeks = {row["placement_id"]: row["weeks"] for row in found}
    named = [names.get((people[row["participant_id"]], row["municipality"])) for row in rows]
    return [_shown(row, name, weeks.get(row["id"], 0)) for row, name in zip(rows, named, strict=True)]


def _shown(row: RowMapping | dict[str, Any], name: str | None, noted: int) -> PlacementShown:
    columns = ("id", "participant_id", "municipality", "workplace", "outcome")
    return PlacementShown.model_validate(
        {
            **{name: row[name] for name in columns},
            "from": row["from_day"],
            "to": row["to_day"],
            "name": name or None,
            "noted_weeks": noted,
        }
    )


async def notes_of(unit: Unit, placement_id: UUID) -> Sequence[RowMapping]:
    return await unit.all(select(WeeklyNote).where(col(WeeklyNote.placement_id) == placement_id))


async def find_note(unit: Unit, placement_id: UUID, note_id: UUID, *, lock: bool = False) -> RowMapping:
    """Raises 404."""
    statement = select(WeeklyNote).where(col(WeeklyNote.id) == note_id, col(WeeklyNote.placement_id) == placement_id)
    return await unit.found(
        statement.with_for_update() if lock else statement, missing=not_found("Uppföljningen", "The weekly note")
    )


def note_shown(row: RowMapping | dict[str, Any]) -> WeeklyNoteShown:
    return WeeklyNoteShown(**{name: row[name] for name in WeeklyNoteShown.model_fields})
