"""Table of the goals: one row, edited as a whole."""

from typing import Any, Final

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.reporting.tables import ReportingTable
from shared.database.types import jsonb

THE_ONE: Final = 1


class Goals(ReportingTable, table=True):
    """`goals` is `[{goal, level, indicators: [{name, target, figure, value}]}]`; a value where no figure has it."""

    __tablename__ = "goals"
    __table_args__ = (CheckConstraint("id = 1", name="goals_are_one"),)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    goals: list[dict[str, Any]] = jsonb()
    revision: int
