"""The project's settings as booking published them."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import jsonb

THE_ONE = 1
"""There is one project."""


class ProjectSettings(AttendanceTable, table=True):
    """`settings` is `[{key, value, valid_from}]` with every day's history."""

    __tablename__ = "project_settings"
    __table_args__ = (CheckConstraint("id = 1", name="project_settings_is_one"),)

    id: int = Field(default=THE_ONE, primary_key=True, sa_column_kwargs={"autoincrement": False})
    settings: list[dict[str, Any]] = jsonb()
    sequence: int = Field(sa_type=BigInteger)
