"""Finding staff by personal number."""

from collections.abc import Sequence

from services.booking.staff import queries
from services.booking.staff.bodies import StaffShown
from services.booking.staff.entry import parsed_number
from services.booking.staff.queries import Wanted
from services.booking.staff.vault import Vault
from shared.database.unit_of_work import Unit
from shared.security.personal_numbers import PersonalNumber
from shared.web.cursors import Page
from shared.web.problems import invalid


async def find_by_number(unit: Unit, vault: Vault, text: str, page: Page) -> Sequence[StaffShown]:
    """The person's employments, of those that the caller may see; empty when there is none. Raises 422."""
    number = parsed_number(unit, text)
    if not isinstance(number, PersonalNumber):
        raise invalid(number)
    async with unit.as_system():
        participant_id = await vault.holder(unit, number)
    if participant_id is None:
        return []
    return await queries.staff_page(unit, Wanted(participant_id=participant_id), page)
