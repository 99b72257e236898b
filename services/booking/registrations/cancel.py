"""Cancelling a registration: by whom, in time or late, neutral or not; the seat goes to the waiting list at once."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, update
from sqlmodel import col

from services.booking.allocation import events
from services.booking.allocation.act import session_act
from services.booking.allocation.problems import ensure_not_over
from services.booking.allocation.queue import forget_empty_entries
from services.booking.allocation.tables import ACTIVE, Registration
from services.booking.audit.record import record
from services.booking.catalogue.queries import setting_on
from services.booking.registrations import problems
from services.booking.registrations.rules import Reason, is_late, is_neutral
from shared.clock import local_day
from shared.contracts.booking_v1 import CancelledBy
from shared.database.unit_of_work import Unit
from shared.security.roles import Role


async def cancel(unit: Unit, registration_id: UUID, reason: Reason, note: str | None) -> bool:
    """Cancel a confirmed or waiting registration; answers whether it was late, that is after the session's deadline.

    Raises 404 for a row that the caller may not see, 409 for one that has
    ended, or whose session is over when the act happened.
    """
    seen = await _find(unit, registration_id)
    async with session_act(unit, seen["session_id"]) as act:
        row = await _find(unit, registration_id)
        if row["status"] not in ACTIVE:
            raise problems.already_ended(row["status"])
        ensure_not_over(act.session, act.at)
        late = is_late(act.at, act.session.cancellation_deadline)
        neutral = is_neutral(reason, await setting_on(unit, "illness_neutral", local_day(act.at)))
        await _end(unit, row, late=late, neutral=neutral, reason=reason, note=note)
        await forget_empty_entries(unit, act.session.id)
    return late


async def _find(unit: Unit, registration_id: UUID) -> RowMapping:
    row = await unit.one_or_none(select(Registration).where(col(Registration.id) == registration_id))
    if row is None:
        raise problems.registration_missing()
    return row


async def _end(unit: Unit, row: RowMapping, *, late: bool, neutral: bool, reason: Reason, note: str | None) -> None:
    by: CancelledBy = "municipality" if unit.role is Role.MUNICIPALITY else "coordinator"
    ended: dict[str, Any] = {
        "status": "cancelled",
        "was": row["status"],
        "late": late,
        "neutral": neutral,
        "ended_by": by,
        "ended_at": unit.occurred_at,
    }
    await unit.execute(
        update(Registration)
        .where(col(Registration.id) == row["id"])
        .values(**ended, reason=reason.value, note=note, revision=row["revision"] + 1)
    )
    unit.emit(events.cancelled(row, was=row["status"], late=late, neutral=neutral, by=by))
    # Without the reason: it may be illness, and the audit outlives it.
    await record(unit, "registration-cancelled", f"registration/{row['id']}", {"status": row["status"]}, ended)
