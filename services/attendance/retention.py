"""What attendance forgets by itself: links that have ended, and mails after a setting of the project."""

from datetime import timedelta

from services.attendance.project.queries import settings
from shared.clock import local_day
from shared.database import retention
from shared.database.unit_of_work import Units


async def forget_old(units: Units) -> None:
    """Forgets links a month after they ended, with the codes that went by them. Without the setting mails are kept."""
    now = units.clock.now()
    await retention.forget(units, "links", now)
    async with units.system() as unit:
        days = (await settings(unit)).on("retention.mail_days", local_day(now))
    if isinstance(days, int):
        await retention.forget(units, "mails", now - timedelta(days=days))
