"""Ending registrations: what every way of ending them writes and publishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.booking.allocation import events
from services.booking.allocation.act import SessionAct
from services.booking.allocation.queue import forget_empty_entries
from services.booking.registrations.rules import Reason
from shared.audit.record import Act, record_all
from shared.contracts.booking_v1 import CancelledBy
from shared.database.unit_of_work import Unit
from shared.security.roles import Role

END = text(
    """
    UPDATE registrations SET status = 'cancelled', was = status, late = :late AND status = 'confirmed',
           neutral = :neutral, ended_by = :by, ended_at = :at, reason = :reason, note = :note, revision = revision + 1
     WHERE session_id = :session AND id = ANY(CAST(:ids AS uuid[])) AND status IN ('confirmed', 'waitlisted')
    RETURNING id, session_id, participant_id, municipality, employment_id, was, late, neutral
    """
)


@dataclass(frozen=True)
class Ending:
    """How registrations end. Leaving the queue is never late, whatever `late` says."""

    by: CancelledBy
    late: bool = False
    neutral: bool = False
    reason: Reason | None = None
    note: str | None = None


BY_SYSTEM = Ending(by="system", neutral=True)
"""Nobody's choice: the session or the employment ended."""
BY_THE_OFFICE = Ending(by="coordinator", neutral=True)
"""The project office decided so, and holds it against nobody."""


def who_ends(unit: Unit) -> CancelledBy:
    """The side on which the caller of an ending stands."""
    return "municipality" if unit.role is Role.MUNICIPALITY else "coordinator"


async def end_registrations(act: SessionAct, ids: Sequence[UUID], ending: Ending) -> list[RowMapping]:
    """End those of a session's registrations that are active, and take them out of the queue. Returns them."""
    parameters = {
        "session": act.session.id,
        "ids": list(ids),
        "at": act.at,
        "by": ending.by,
        "late": ending.late,
        "neutral": ending.neutral,
        "reason": ending.reason,
        "note": ending.note,
    }
    rows = sorted(await act.unit.all(END, parameters), key=lambda row: row["id"])
    for row in rows:
        act.unit.emit(
            events.cancelled(row, was=row["was"], late=row["late"], neutral=row["neutral"], by=ending.by),
        )
    await record_all(act.unit, [_audited(row, ending) for row in rows])
    if any(row["was"] == "waitlisted" for row in rows):
        await forget_empty_entries(act.unit, act.session.id)
    return rows


def _audited(row: RowMapping, ending: Ending) -> Act:
    """Without the reason: it may be illness, and the audit outlives it."""
    after = {"status": "cancelled", "late": row["late"], "neutral": row["neutral"], "by": ending.by}
    return Act("registration-cancelled", f"registration/{row['id']}", {"status": row["was"]}, after)
