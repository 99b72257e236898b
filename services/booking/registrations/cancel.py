"""Cancelling a registration: by whom, in time or late, neutral or not; the seat goes to the waiting list at once."""

from uuid import UUID

from services.booking.allocation.act import SessionAct, session_act
from services.booking.allocation.checks import ensure_not_over
from services.booking.catalogue.queries import setting_on
from services.booking.registrations.end import Ending, end_registrations, who_ends
from services.booking.registrations.problems import ensure_active
from services.booking.registrations.queries import registration_row
from services.booking.registrations.rules import Reason, is_late, is_neutral
from shared.clock import local_day
from shared.database.unit_of_work import Unit


async def cancel(unit: Unit, registration_id: UUID, reason: Reason, note: str | None) -> bool:
    """Cancel a confirmed or waiting registration. Returns whether a seat was given back after the session's deadline.

    Raises 404 for a row that the caller may not see, 409 for one that has ended, that did not exist yet when the act
    happened, or whose session was over by then.
    """
    seen = await registration_row(unit, registration_id)
    async with session_act(unit, seen["session_id"]) as act:
        row = await registration_row(unit, registration_id)
        ensure_not_over(act.session, act.at)
        ensure_active(row, act.at)
        [ended] = await end_registrations(act, [registration_id], await _ending(act, reason, note))
    return bool(ended["late"])


async def _ending(act: SessionAct, reason: Reason, note: str | None) -> Ending:
    # As on the roll: what holds on the day of the course, not on the day of the call.
    illness_neutral = await setting_on(act.unit, "illness_neutral", local_day(act.session.starts_at))
    return Ending(
        by=who_ends(act.unit),
        late=is_late(act.at, act.session.cancellation_deadline),
        neutral=is_neutral(reason, illness_neutral),
        reason=reason,
        note=note,
    )
