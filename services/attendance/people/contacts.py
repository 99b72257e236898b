"""Whom to write to about a person: the contact that an employer gave, of the employment that registered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.attendance.people.merged import person_of
from services.attendance.people.tables import Person
from shared.database.unit_of_work import Unit
from shared.mail.rendering import Reader, reader_of
from shared.web.problems import FieldError, conflict, invalid

# By the sessions that the people are on: else all of them would be looked through.
LAST_EMPLOYMENTS = text(
    """
    SELECT DISTINCT ON (participant_id) participant_id, employment_id FROM roll_people JOIN rolls USING (session_id)
     WHERE session_id = ANY (ARRAY(
           SELECT session_id FROM roll_entries
            WHERE participant_id = ANY (CAST(:people AS uuid[])) OR participant_id = ANY (ARRAY(
                  SELECT ended FROM merged_participants WHERE became = ANY (CAST(:people AS uuid[]))))))
       AND participant_id = ANY (CAST(:people AS uuid[])) AND employment_id IS NOT NULL
     ORDER BY participant_id, registration = 'confirmed' DESC, starts_at DESC
    """
)
NAMES = text(
    """
    SELECT participant_id,
           concat_ws(' ', nullif(contact ->> 'given_name', ''), nullif(contact ->> 'family_name', '')) AS name
      FROM people CROSS JOIN LATERAL (SELECT jsonb_path_query_first(contacts, '$.*') AS contact) AS first
     WHERE participant_id = ANY (CAST(:people AS uuid[])) AND NOT protected
    """
)
UNKNOWN = FieldError(
    "/participant_id",
    "unknown-participant",
    "Personen finns inte, eller så har uppgifterna inte kommit fram från bokningen än.",
    "There is no such person, or the data have not arrived from booking yet.",
)


@dataclass(frozen=True)
class Contact:
    """A person as one employer calls them. `name` is None where nobody may read it."""

    participant_id: UUID
    employment_id: UUID | None
    name: str | None
    reader: Reader


async def contact_of(unit: Unit, participant_id: UUID, employment_id: UUID | None = None) -> Contact | None:
    """The contact of a person who remains, None while it has not arrived and for good once erased.

    Without an employment the one of the last registration. Only in system scope.
    """
    row = await _person(unit, participant_id)
    return None if row is None or row["erased"] else await _contact(unit, row, employment_id)


async def find_contact(unit: Unit, participant_id: UUID) -> Contact:
    """The contact of a person. Raises 422 for somebody unknown, 409 for somebody erased. Only in system scope."""
    row = await _person(unit, await person_of(unit, participant_id))
    if row is None:
        raise invalid(UNKNOWN)
    if row["erased"]:
        raise conflict(
            "person-erased",
            "Personens uppgifter är raderade: det finns ingen att skriva till.",
            "The person was erased: nobody is left to write to.",
        )
    return await _contact(unit, row, None)


async def names_of(unit: Unit, people: Collection[UUID]) -> dict[UUID, str]:
    """The names of people, as one of their employers gave them; of nobody who is protected or erased."""
    rows = await unit.all(NAMES, {"people": list(people)})
    return {row["participant_id"]: row["name"] for row in rows if row["name"]}


async def _person(unit: Unit, participant_id: UUID) -> RowMapping | None:
    return await unit.one_or_none(select(Person).where(col(Person.participant_id) == participant_id))


async def _last_employments(unit: Unit, people: Collection[UUID]) -> dict[UUID, UUID]:
    rows = await unit.all(LAST_EMPLOYMENTS, {"people": list(people)})
    return {row["participant_id"]: row["employment_id"] for row in rows}


async def _contact(unit: Unit, row: RowMapping, employment_id: UUID | None) -> Contact:
    person = row["participant_id"]
    return _contact_by(row, employment_id or (await _last_employments(unit, [person])).get(person))


def _contact_by(row: RowMapping, employment: UUID | None) -> Contact:
    known: Mapping[str, Any] = row["contacts"].get(str(employment)) or next(iter(row["contacts"].values()), {})
    name = None if row["protected"] else _name(known)
    reader = reader_of(known.get("email"), known.get("manager_email"), row["language"] or "sv", name)
    return Contact(row["participant_id"], employment, name, reader)


def _name(contact: Mapping[str, Any]) -> str | None:
    parts = [contact.get("given_name"), contact.get("family_name")]
    return " ".join(part for part in parts if part) or None
