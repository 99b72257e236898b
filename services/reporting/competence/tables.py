"""Table of the competence mapping."""

from typing import Any

from sqlmodel import Field

from services.reporting.tables import ReportingTable
from shared.database.types import jsonb


class CompetenceYear(ReportingTable, table=True):
    """A year's matrix, edited as a whole; `cells` is `[{organisation, occupation, level, comment}]`."""

    __tablename__ = "competence_years"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    cells: list[dict[str, Any]] = jsonb()
    revision: int
