"""What is known of surveys. Nothing leads from an answer to a person (docs/decisions/0100-who-answered-what.md)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import timestamp


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


class SurveyRound(AttendanceTable, table=True):
    """A survey of a session by link: how many were invited and have answered, and the answers that wait for others.

    `roll_version`: of the sealed roll whose people were invited. `waiting` is None once it is closed.
    """

    __tablename__ = "survey_rounds"

    session_id: UUID = Field(primary_key=True)
    survey: str = Field(primary_key=True, sa_type=Text)
    version: int
    roll_version: int
    invited: int
    answered: int = 0
    closes_at: datetime = timestamp()
    waiting: bytes | None = None


class SurveyLink(AttendanceTable, table=True):
    """A link that answers once. It does not know to whom it went: the mail does, which is kept nowhere once it left."""

    __tablename__ = "survey_links"

    digest: bytes = Field(primary_key=True)
    session_id: UUID
    survey: str = Field(sa_type=Text)
    answered: bool = False


class SurveyInvitee(AttendanceTable, table=True):
    """Whoever was thought of already, by registration: nobody is invited twice."""

    __tablename__ = "survey_invitees"

    registration_id: UUID = Field(primary_key=True)
    survey: str = Field(primary_key=True, sa_type=Text)
    session_id: UUID
