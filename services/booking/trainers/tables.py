"""Tables of the trainers."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import jsonb


class Trainer(BookingTable, table=True):
    """Who teaches; `qualifications` is `[{code, obtained_on}]`. Active from `active_from`, left as of `active_to`."""

    __tablename__ = "trainers"

    id: UUID = Field(primary_key=True)
    name: str = Field(sa_type=Text)
    email: str = Field(sa_type=Text)
    home_municipality: str = Field(sa_type=Text, foreign_key="municipalities.code")
    qualifications: list[dict[str, Any]] = jsonb()
    active_from: date | None = None
    active_to: date | None = None
    revision: int


class TrainerAbsence(BookingTable, table=True):
    """A trainer is away from `from_day` to `to_day`, both inclusive local days. The reason may be illness: it is in no
    event and not in the audit.

    `affected` is `[{session_id, outcome, candidates: [{trainer_id, assignments}]}]`, as it was decided.
    """

    __tablename__ = "trainer_absences"
    __table_args__ = (
        CheckConstraint("from_day <= to_day", name="trainer_absences_days_check"),
        Index("ix_trainer_absences_trainer", "trainer_id", "to_day"),
    )

    id: UUID = Field(primary_key=True)
    trainer_id: UUID = Field(foreign_key="trainers.id")
    from_day: date
    to_day: date
    reason: str = Field(sa_type=Text)
    affected: list[dict[str, Any]] = jsonb()
