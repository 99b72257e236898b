"""Table of what the municipalities wish for. Row-level security: a municipality sees its own."""

from typing import Any

from sqlalchemy import Text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import jsonb


class Demand(BookingTable, table=True):
    """The seats that a municipality wishes for in a term; `wishes` is `[{course, seats}]`."""

    __tablename__ = "demands"

    municipality: str = Field(sa_type=Text, primary_key=True, foreign_key="municipalities.code")
    term: str = Field(sa_type=Text, primary_key=True)
    wishes: list[dict[str, Any]] = jsonb()
    revision: int
