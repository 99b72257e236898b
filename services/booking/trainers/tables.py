"""Table of the trainers."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Text
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
