"""Another personal number for the same human: a coordination or temporary number becomes the real one."""

from dataclasses import replace
from uuid import UUID

from services.booking.participants import problems
from services.booking.participants.bodies import NewNumberBody, ParticipantShown, participant_shown
from services.booking.participants.queries import locked_participants
from services.booking.participants.rules import gender_by
from services.booking.staff.entry import parsed_number
from services.booking.staff.people import Attributes
from services.booking.staff.save import save
from services.booking.staff.vault import Vault
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.security.personal_numbers import PersonalNumber
from shared.web.problems import invalid


async def change_number(unit: Unit, vault: Vault, participant_id: UUID, body: NewNumberBody) -> ParticipantShown:
    """The participant with the number, and what follows from it. Raises 404, 409 when somebody else has it, and 422."""
    number = parsed_number(unit, body.personal_number)
    if not isinstance(number, PersonalNumber):
        raise invalid(number)
    async with unit.as_system():
        before = next((each.number for each in await vault.numbers(unit, [participant_id]) if each.current), None)
        person = (await locked_participants(unit, [participant_id]))[participant_id]
        if number.is_coordination_number and before is not None and not before.is_coordination_number:
            raise problems.no_way_back()
        if not await vault.give(unit, participant_id, number):
            raise await _taken(unit, vault, number)
        now = replace(person, attributes=with_number(person.attributes, number, before))
        target = f"participant/{participant_id}"
        hints = ({"personal_number_hint": each.attributes.personal_number_hint} for each in (person, now))
        await record(unit, "personal-number-changed", target, next(hints), {**next(hints), "reason": body.reason})
        await save(unit, {participant_id: person}, {participant_id: now}, [])
    return participant_shown(now)


async def _taken(unit: Unit, vault: Vault, number: PersonalNumber) -> Exception:
    holder = await vault.holder(unit, number)
    assert holder is not None  # it was refused because of its row, which is never deleted
    return problems.number_taken(holder)


def with_number(attributes: Attributes, number: PersonalNumber, before: PersonalNumber | None) -> Attributes:
    """The person's attributes as the number says them."""
    gender = gender_by(number, before, attributes.gender)
    return replace(attributes, gender=gender, birth_year=number.birth_year, personal_number_hint=number.hint)
