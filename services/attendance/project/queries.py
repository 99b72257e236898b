"""Reading the project's settings."""

import json
from functools import lru_cache

from sqlalchemy import select
from sqlmodel import col

from services.attendance.project.rules import Settings, settings_of
from services.attendance.project.tables import ProjectSettings
from shared.database.unit_of_work import Unit


async def settings(unit: Unit) -> Settings:
    """The dated settings of the project, none before its first event."""
    return settings_of(await unit.scalar(select(col(ProjectSettings.settings))) or [])


@lru_cache(maxsize=16)
def read(stored: str | None) -> Settings:
    """The settings as they stand in the table, which changes a few times a year; None before the first event."""
    return settings_of(json.loads(stored or "[]"))
