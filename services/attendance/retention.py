"""What attendance forgets by itself: links and codes that have ended, mails and evidence by settings of the project."""

from datetime import date, timedelta
from typing import Final

from services.attendance.check_in.try_code import COUNTED_FOR
from services.attendance.project.queries import settings
from shared.clock import day_start, local_day
from shared.database import retention
from shared.database.unit_of_work import Units

EVIDENCE: Final = (
    *("signatures", "certificates", "conflicts", "refused_marks", "mark_releases", "cells", "marks"),
    *("head_counts", "seals", "walk_ins", "walk_in_links", "roll_entries"),
)
"""Who attended, who said so, and what was certified: the owner's function knows each by its table."""


async def forget_old(units: Units) -> None:
    """Forgets links a month after they ended, with the codes that went by them. Without their settings mails and
    evidence are kept.
    """
    now = units.clock.now()
    await retention.forget(units, "links", now)
    await retention.forget(units, "wrong_codes", now - COUNTED_FOR)
    async with units.system() as unit:
        rules = await settings(unit)
    days, until = (rules.on(f"retention.{name}", local_day(now)) for name in ("mail_days", "evidence_until"))
    if isinstance(days, int):
        await retention.forget(units, "mails", now - timedelta(days=days))
    if until is not None and date.fromisoformat(until) < local_day(now):
        await _end_evidence(units, date.fromisoformat(until))


async def _end_evidence(units: Units, until: date) -> None:
    """Of the sessions that were over by the end of that day only the sessions themselves are left."""
    for table in EVIDENCE:
        await retention.forget(units, table, day_start(until + timedelta(days=1)))
