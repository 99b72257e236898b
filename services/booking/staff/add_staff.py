"""Adding an employment of a person, who is found by personal number or made."""

from dataclasses import replace

from services.booking.staff import queries
from services.booking.staff.bodies import StaffBody, StaffShown
from services.booking.staff.entry import Entry, checked, start_of
from services.booking.staff.people import Change, Employment, Person
from services.booking.staff.queries import staff_shown
from services.booking.staff.rules import Period, overlap
from services.booking.staff.save import save
from services.booking.staff.vault import Vault
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.problems import Problem, conflict, forbidden, invalid


async def add_staff(unit: Unit, vault: Vault, body: StaffBody) -> StaffShown:
    """A new employment. Raises 403 for another municipality's, 422, and 409 when it has this one already."""
    _own_municipality_only(unit, body)
    async with unit.as_system():
        reference = await queries.reference(unit)
        entry = checked(unit, body, reference)
        if not isinstance(entry, Entry):
            raise invalid(*entry)
        rows = await vault.enter(unit, [entry.number])
        before = await queries.persons(unit, rows.values())
        person = before[rows[entry.number]["participant_id"]]
        employment = entry.employment(unit, start_of(unit, entry, reference, person))
        existing = same_employment(person, entry.municipality, employment.periods)
        if existing is not None:
            raise _already_employed(existing)
        now = with_gender(person, entry).with_employment(employment)
        change = Change("staff-added", person.participant_id, None, employment)
        await save(unit, before, {person.participant_id: now}, [change])
    return staff_shown(now, employment)


def same_employment(person: Person, municipality: str, periods: tuple[Period, ...]) -> Employment | None:
    """The person's employment by a municipality that shares a day with these periods, the latest if several do."""
    found = [
        each for each in person.employments if each.municipality == municipality and overlap(each.periods, periods)
    ]
    return max(found, key=lambda each: each.begin.valid_from) if found else None


def with_gender(person: Person, entry: Entry) -> Person:
    """The person with the gender that was entered, if one was."""
    return person if entry.body.gender is None else replace(person, gender=entry.body.gender)


def _own_municipality_only(unit: Unit, body: StaffBody) -> None:
    if unit.role is Role.MUNICIPALITY and unit.caller and body.municipality not in (None, unit.caller.municipality):
        raise forbidden(
            "Ni kan bara lägga in er egen kommuns personal.", "You can only enter staff of your own municipality."
        )


def _already_employed(existing: Employment) -> Problem:
    return conflict(
        "already-employed",
        f"Personen har redan en anställning i kommunen den tiden: {existing.id}. Ändra den (PATCH) eller avsluta den.",
        f"The person already has an employment there at that time: {existing.id}. Change it (PATCH) or end it.",
        staff=str(existing.id),
    )
