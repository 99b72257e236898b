"""Erasing a person: contact data and free texts at once, everywhere; what the funder must see stays, without a name.

The number stays in the vault, and the pseudonymous evidence under the participant, until the retention of evidence ends
(`retention.evidence_until`). Whoever is entered again with the number is the same participant, and back.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, text
from sqlmodel import col

from services.booking.allocation.events import forget_support
from services.booking.allocation.lock import lock_persons
from services.booking.catalogue.queries import setting_on
from services.booking.participants.bodies import ErasureBegunShown, ErasureShown
from services.booking.participants.problems import has_been_merged, participant_not_found
from services.booking.participants.tables import Erasure
from services.booking.staff.events import participant_changed
from services.booking.staff.people import Employment, Person
from services.booking.staff.queries import persons
from services.booking.staff.tables import Participant
from services.booking.staff.vacate import registrations_after, vacate_after
from shared.age_groups import age_group
from shared.audit.record import Act, record_all
from shared.clock import local_day
from shared.contracts.participants_v1 import AgeGroup
from shared.contracts.people_v2 import PersonChangedV2
from shared.database.conditions import by_id
from shared.database.unit_of_work import Unit
from shared.web.errors import CONCURRENT
from shared.web.problems import not_found
from shared.web.routing import Versioned

# The year in which the person first took part, else first had a seat: figures count the age of that year.
FIRST_YEAR = text(
    """
    SELECT coalesce(min(s.starts_at) FILTER (WHERE a.minutes > 0), min(s.starts_at)) FROM registrations r
      JOIN sessions s ON s.id = r.session_id
      LEFT JOIN attended a ON a.session_id = r.session_id AND a.participant_id = r.participant_id
     WHERE r.participant_id = :person AND (a.minutes > 0 OR (r.status = 'confirmed' AND s.starts_at <= :at))
    """
)
NEEDING_SUPPORT = text("SELECT id FROM registrations WHERE participant_id = :person AND support_needs <> '{}'")
FORGET: Final = (
    """
    UPDATE staff SET given_name = '', family_name = '', email = NULL, phone = NULL, manager_email = NULL,
           language = 'sv', workplace = '', erased = true, revision = revision + 1
     WHERE participant_id = :person AND NOT erased
    """,
    "UPDATE employment_periods SET employer_org_number = '' WHERE participant_id = :person",
    """
    UPDATE registrations SET reason = NULL, note = NULL, override_reason = NULL, support_needs = '{}'
     WHERE participant_id = :person
    """,
    """
    UPDATE mails SET recipient = NULL
     WHERE person_id IN (SELECT id FROM staff WHERE participant_id = :person) AND recipient_role <> 'trainer'
    """,
    """
    DELETE FROM diary_entries
     WHERE registration_id IN (SELECT id FROM registrations WHERE participant_id = :person)
    """,
    """
    UPDATE participants SET erased = true, birth_year = NULL, personal_number_hint = NULL, age_group = :age_group
     WHERE participant_id = :person
    """,
)
"""What booking forgets at once, in order."""


async def erase(unit: Unit, participant_id: UUID, reason: str) -> tuple[RowMapping, bool]:
    """The erasure, and whether it is new: who is erased already has one. Raises 404, and 409 for one merged away."""
    async with unit.as_system():
        if await _is_erased(unit, participant_id):
            return await _latest(unit, participant_id), False
        await _give_up_seats(unit, participant_id)
        await lock_persons(unit, [participant_id])
        if await _is_erased(unit, participant_id, lock=True):
            return await _latest(unit, participant_id), False
        person = await _person(unit, participant_id)
        await _forget(unit, person)
        await _audit(unit, person, reason)
        return await _note(unit, participant_id), True


async def _is_erased(unit: Unit, participant_id: UUID, *, lock: bool = False) -> bool:
    statement = select(Participant).where(col(Participant.participant_id) == participant_id)
    row = await unit.found(
        statement.with_for_update(key_share=True) if lock else statement, missing=participant_not_found()
    )
    if row["merged_into"] is not None:
        raise has_been_merged(row["merged_into"])
    return bool(row["erased"])


async def _person(unit: Unit, participant_id: UUID) -> Person:
    rows = await unit.all(select(Participant).where(col(Participant.participant_id) == participant_id))
    return (await persons(unit, rows))[participant_id]


async def _give_up_seats(unit: Unit, participant_id: UUID) -> None:
    """Before the person is locked: sessions are locked first."""
    person = await _person(unit, participant_id)
    await vacate_after(unit, dict.fromkeys((each.id for each in person.employments), unit.occurred_at))


async def _forget(unit: Unit, person: Person) -> None:
    """Raises 409 when somebody registered the person after the seats were given up."""
    moments = dict.fromkeys((each.id for each in person.employments), unit.occurred_at)
    if await registrations_after(unit, moments):
        raise CONCURRENT
    key = {"person": person.participant_id}
    for row in await unit.all(NEEDING_SUPPORT, key):
        forget_support(unit, row["id"])
    first = await unit.scalar(FIRST_YEAR, {**key, "at": unit.occurred_at})
    group = _group(person, first or unit.occurred_at)
    for statement in FORGET:
        needed = {**key, "age_group": group} if ":age_group" in statement else key
        await unit.execute(text(statement), needed)
    unit.emit(participant_changed(_reduced(person, group)))


def _group(person: Person, first: datetime) -> AgeGroup:
    birth_year = person.attributes.birth_year
    return "unknown" if birth_year is None else age_group(local_day(first).year - birth_year)


def _reduced(person: Person, group: AgeGroup) -> Person:
    """What is left of the person for the figures."""
    attributes = replace(person.attributes, birth_year=None, personal_number_hint=None, age_group=group)
    everywhere = tuple(_without_employer(each) for each in (*person.erased, *person.employments))
    return replace(person, attributes=attributes, employments=(), erased=everywhere)


def _without_employer(employment: Employment) -> Employment:
    return replace(employment, periods=tuple(replace(period, employer_org_number="") for period in employment.periods))


async def _audit(unit: Unit, person: Person, reason: str) -> None:
    targets = [f"participant/{person.participant_id}", *(f"staff/{each.id}" for each in person.employments)]
    await record_all(unit, [Act("participant-erased", target, after={"reason": reason}) for target in targets])


async def _note(unit: Unit, participant_id: UUID) -> RowMapping:
    """Stores the erasure and tells attendance to forget the person."""
    row = {
        "id": unit.ids.uuid7(),
        "participant_id": participant_id,
        "tombstone_id": unit.emit_tombstone(PersonChangedV2, key=f"person/{participant_id}"),
        "erased_at": unit.recorded_at,
        "erased_by": unit.actor,
    }
    return await unit.one(insert(Erasure).values(row).returning(Erasure))


async def _latest(unit: Unit, participant_id: UUID) -> RowMapping:
    statement = select(Erasure).where(col(Erasure.participant_id) == participant_id)
    return await unit.one(statement.order_by(col(Erasure.id).desc()).limit(1))


# --- as it is shown --------------------------------------------------------------------------------------------------


async def find_erasure(unit: Unit, erasure_id: UUID) -> RowMapping:
    """One erasure. Raises 404."""
    return await unit.found(by_id(Erasure, erasure_id), missing=not_found("Raderingen", "The erasure"))


async def evidence_until(unit: Unit) -> date | None:
    """The last day on which evidence is kept, by the setting in force; None: it is kept on."""
    day = await setting_on(unit, "retention.evidence_until", local_day(unit.recorded_at))
    return date.fromisoformat(day) if day else None


async def erasure_begun(unit: Unit, row: RowMapping) -> ErasureBegunShown:
    return ErasureBegunShown(id=row["id"], evidence_until=await evidence_until(unit))


async def erasure_shown(unit: Unit, row: RowMapping) -> Versioned[ErasureShown]:
    """With the entity tag of how far it has come."""
    attendance, number = row["attendance_done_at"] is not None, row["number_gone_at"] is not None
    shown = ErasureShown(
        id=row["id"],
        participant_id=row["participant_id"],
        booking="done",
        attendance="done" if attendance else "pending",
        evidence="deleted" if number else "kept",
        evidence_until=await evidence_until(unit),
    )
    return Versioned(shown, 1 + attendance + number)
