"""Asking for signatures: with attesting, once the month is over."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.attendance.project.queries import settings
from shared.clock import day_start, last_day, local_day
from shared.database.unit_of_work import Unit
from shared.jobs.queue import enqueue

ASK: Final = "ask-to-sign"


async def ask_for_signatures(unit: Unit, session_id: UUID, starts: Iterable[datetime], ends_at: datetime) -> None:
    """Queues the mails to those on a roll that has just been attested: on the 1st, or at once when it has passed.

    Nobody is asked for what is attested long after. Whether signatures are demanded is looked up then.
    """
    if unit.recorded_at > ends_at + (await settings(unit)).invites_within(last_day(ends_at)):
        return
    for month in sorted({local_day(at).replace(day=1) for at in starts}):
        asked = {"session_id": session_id, "month": f"{month:%Y-%m}"}
        await enqueue(unit, ASK, asked, run_at=max(unit.recorded_at, day_start(next_month(month))))


def next_month(first: date) -> date:
    """The first day of the month after."""
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
