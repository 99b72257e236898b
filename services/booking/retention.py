"""What booking forgets by itself: the audit after `retention.audit_days`; without that setting it is kept."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from services.booking.catalogue.events import stored_settings
from services.booking.catalogue.project_settings import in_force
from services.booking.catalogue.tables import Project
from shared.clock import local_day
from shared.database import retention
from shared.database.unit_of_work import Units


async def forget_audit(units: Units) -> None:
    """Forgets the entries that are older by the real clock, whenever what they tell happened."""
    async with units.system() as unit:
        settings = stored_settings(await unit.scalar(select(col(Project.settings))) or [])
    now = units.clock.now()
    days = in_force(settings, "retention.audit_days", local_day(now))
    if isinstance(days, int):
        await retention.forget(units, "audit", now - timedelta(days=days))
