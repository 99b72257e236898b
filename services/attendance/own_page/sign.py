"""Signing a month by code."""

from services.attendance.links.admission import Holder
from services.attendance.own_page.bodies import OwnMonthShown, SignBody
from services.attendance.own_page.codes import Attempt, use_code
from services.attendance.own_page.queries import shown_month
from services.attendance.project.queries import settings
from services.attendance.signatures.enter import enter_signature, month_to_sign, require_open
from services.attendance.signatures.queries import month_of
from shared.database.unit_of_work import Unit


async def sign(unit: Unit, link: Holder, body: SignBody, attempt: Attempt) -> OwnMonthShown:
    """Signs what was seen. A code that was right is used up by a signature, by nothing else.

    Raises 409 when there is nothing to sign, or something else than what was seen; 422 and 429 for a wrong code.
    """
    async with unit.as_system():
        month = await month_to_sign(unit, link.participant_id, body.month, body.document_hash)
        await require_open(unit, month)
        await use_code(unit, attempt)
        await enter_signature(unit, month, "code", signed_by=link.subject)
        signed = await month_of(unit, link.participant_id, body.month)
        return shown_month(signed, await settings(unit))
