"""The versions of the template, as the project office states them: one row holds them all."""

from typing import Any, Final

from sqlmodel import Field

from services.reporting.tables import ReportingTable
from shared.database.types import jsonb

THE_ONE: Final = 1


class StatisticsTemplate(ReportingTable, table=True):
    __tablename__ = "statistics_templates"

    id: int = Field(primary_key=True)
    versions: list[dict[str, Any]] = jsonb()
    revision: int = 1
