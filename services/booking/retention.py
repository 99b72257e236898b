"""What booking forgets by itself. Audit and mails go after a setting of the project; without it they are kept."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from services.booking.catalogue.events import stored_settings
from services.booking.catalogue.project_settings import in_force
from services.booking.catalogue.tables import Project
from shared.clock import local_day
from shared.database import retention
from shared.database.unit_of_work import Units
from shared.uploads.queries import forget_old_uploads

BY_SETTING = {"audit": "retention.audit_days", "mails": "retention.mail_days"}
DELIVERIES_KEPT = timedelta(days=30)
DIARY_KEPT = timedelta(days=1)
"""For so long after a meeting a cancellation could still be sent to whoever was invited."""


async def forget_old(units: Units) -> None:
    """Forgets what is older by the real clock, whenever what it tells happened."""
    async with units.system() as unit:
        settings = stored_settings(await unit.scalar(select(col(Project.settings))) or [])
    now = units.clock.now()
    for what, setting in BY_SETTING.items():
        days = in_force(settings, setting, local_day(now))
        if isinstance(days, int):
            await retention.forget(units, what, now - timedelta(days=days))
    await forget_old_uploads(units)
    await retention.forget(units, "diary_entries", now - DIARY_KEPT)
    await retention.forget(units, "webhook_deliveries", now - DELIVERIES_KEPT)
