"""What was entered from paper, counted.

The answers themselves are only in the stream: nothing here leads to a person.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable


class SurveyEntry(AttendanceTable, table=True):
    """One stack of paper answers of a session: how many more were invited, how many answers it held."""

    __tablename__ = "survey_entries"

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    survey: str = Field(sa_type=Text)
    version: int
    invited: int | None = None
    answered: int
    entered_on: date
    entered_by: str = Field(sa_type=Text)
