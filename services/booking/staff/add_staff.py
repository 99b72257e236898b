"""Adding an employment of a person, who is found by personal number or made."""

from services.booking.staff import queries
from services.booking.staff.bodies import StaffBody, StaffShown
from services.booking.staff.entry import Entry, checked, start_of
from services.booking.staff.people import Change, Employment, Person
from services.booking.staff.problems import already_employed, require_within_the_caller
from services.booking.staff.queries import staff_shown
from services.booking.staff.rules import Period, overlap
from services.booking.staff.save import save
from services.booking.staff.vault import Vault
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.problems import forbidden, invalid


async def add_staff(unit: Unit, vault: Vault, body: StaffBody) -> StaffShown:
    """A new employment. Raises 403 for another municipality's, 422, and 409 when it has this one already.

    403 `coordinator-only`, too, for what contradicts the person as others know it.
    """
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
            raise already_employed(existing)
        now = entry.of_person(person).with_employment(employment)
        require_within_the_caller(unit, person, now)
        change = Change("staff-added", person.participant_id, None, employment)
        await save(unit, before, {person.participant_id: now}, [change])
    return staff_shown(now, employment)


def same_employment(person: Person, municipality: str, periods: tuple[Period, ...]) -> Employment | None:
    """The person's employment by a municipality that shares a day with these periods, the latest if several do."""
    found = [
        each for each in person.employments if each.municipality == municipality and overlap(each.periods, periods)
    ]
    return max(found, key=lambda each: each.begin.valid_from) if found else None


def _own_municipality_only(unit: Unit, body: StaffBody) -> None:
    if unit.role is Role.MUNICIPALITY and unit.caller and body.municipality not in (None, unit.caller.municipality):
        raise forbidden(
            "Ni kan bara lägga in er egen kommuns personal.", "You can only enter staff of your own municipality."
        )
