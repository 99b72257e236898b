"""What the facts say now, in columns: written by the projections in the fact's own transaction, read by the figures.

A row of what has one latest state names the event that made it; of lists inside an event (the lines of a roll, a
person's employments) every event keeps its own, and those of the latest one count. So no order of events matters.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, Text, text
from sqlmodel import Field

from services.reporting.tables import SCHEMA, ReportingTable
from shared.database.types import jsonb, timestamp

_PLACE: Any = {"schema": SCHEMA}


class CurrentTable(ReportingTable):
    """A table that stands in the schema of its version."""

    __table_args__ = _PLACE


def _key(**options: Any) -> Any:
    return Field(primary_key=True, **options)


def _text(**options: Any) -> Any:
    return Field(sa_type=Text, **options)


def _sequence() -> Any:
    return Field(sa_type=BigInteger)


class Session(CurrentTable, table=True):
    """The latest state of a session; `event_id` is also that of its current occasions."""

    __tablename__ = "sessions"

    session_id: UUID = _key()
    sequence: int = _sequence()
    event_id: UUID
    course: str = _text()
    host_municipality: str = _text()
    capacity: int
    cancelled: bool


class Occasion(CurrentTable, table=True):
    """Every occasion that a session has or had, as it stood last. `day` is the local day on which it begins."""

    __tablename__ = "occasions"
    __table_args__ = (Index("ix_occasions_day", "day"), _PLACE)

    session_id: UUID = _key()
    occasion_id: UUID = _key()
    sequence: int = _sequence()
    event_id: UUID
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    break_minutes: int
    day: date


class Cancellation(CurrentTable, table=True):
    """Why a session was cancelled last: later states of it do not say so again."""

    __tablename__ = "cancellations"

    session_id: UUID = _key()
    sequence: int = _sequence()
    event_id: UUID
    cause: str = _text()


class RegistrationStep(CurrentTable, table=True):
    """Each event of a registration: what it was at some time matters as much as what it is."""

    __tablename__ = "registration_steps"

    session_id: UUID = _key()
    registration_id: UUID = _key()
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    event_id: UUID = _key()
    participant_id: UUID
    municipality: str = _text()
    employment_id: UUID
    at: datetime = timestamp()
    status: str = _text()
    via: str | None = _text(default=None)
    was: str | None = _text(default=None)
    late: bool


class Roll(CurrentTable, table=True):
    """The latest state of a roll: sealed, or reopened since."""

    __tablename__ = "rolls"

    session_id: UUID = _key()
    sequence: int = _sequence()
    event_id: UUID
    attested: bool
    roll_version: int | None = Field(default=None, sa_type=Integer)
    sealed_hash: str | None = _text(default=None)


class RollLine(CurrentTable, table=True):
    """The lines of every sealing; those of the roll's latest event count."""

    __tablename__ = "roll_lines"
    __table_args__ = (
        Index("ix_roll_lines_participant", "participant_id", postgresql_where=text("minutes > 0")),
        _PLACE,
    )

    event_id: UUID = _key()
    number: int = _key()
    session_id: UUID
    participant_id: UUID
    occasion_id: UUID
    minutes: int
    excused: bool


class Mark(CurrentTable, table=True):
    """The latest mark of a person on an occasion, attested or not."""

    __tablename__ = "marks"

    session_id: UUID = _key()
    participant_id: UUID = _key()
    occasion_id: UUID = _key()
    sequence: int = _sequence()
    event_id: UUID
    minutes: int


class HeadCount(CurrentTable, table=True):
    """The latest count of people without names on an occasion."""

    __tablename__ = "head_counts"

    session_id: UUID = _key()
    occasion_id: UUID = _key()
    sequence: int = _sequence()
    event_id: UUID
    count: int


class Signature(CurrentTable, table=True):
    """The latest state of a person's month: signed, or voided since."""

    __tablename__ = "signatures"

    participant_id: UUID = _key()
    month: str = Field(primary_key=True, sa_type=Text)
    sequence: int = _sequence()
    event_id: UUID
    signed: bool


class SignedLine(CurrentTable, table=True):
    """The lines of every signing; those of the month's latest event count."""

    __tablename__ = "signed_lines"
    __table_args__ = (Index("ix_signed_lines_session", "session_id"), _PLACE)

    event_id: UUID = _key()
    number: int = _key()
    participant_id: UUID
    month: str = _text()
    session_id: UUID
    occasion_id: UUID
    minutes: int


class Invitation(CurrentTable, table=True):
    """So many more were asked; adds up."""

    __tablename__ = "invitations"
    __table_args__ = (Index("ix_invitations_session", "session_id"), _PLACE)

    event_id: UUID = _key()
    session_id: UUID
    audience: str = _text()
    invited: int


class Answer(CurrentTable, table=True):
    """One anonymous answer."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_session", "session_id"), _PLACE)

    event_id: UUID = _key()
    session_id: UUID
    audience: str = _text()
    answers: dict[str, Any] = jsonb()


class Person(CurrentTable, table=True):
    """The latest attributes of a participant; `event_id` is also that of the employments that count."""

    __tablename__ = "persons"

    participant_id: UUID = _key()
    sequence: int = _sequence()
    event_id: UUID
    gender: str = _text()
    birth_year: int | None = Field(default=None, sa_type=Integer)
    age_group: str | None = _text(default=None)


class Employment(CurrentTable, table=True):
    """The employments that each event about a person named, in its order."""

    __tablename__ = "employments"

    event_id: UUID = _key()
    number: int = _key()
    employment_id: UUID
    municipality: str = _text()
    title: str = _text()
    category: str = _text()
    kind: str = _text()
    valid_from: date
    valid_to: date | None = None


class Merge(CurrentTable, table=True):
    """Whom a participant is read as; `became` is null where that was taken back."""

    __tablename__ = "merges"

    participant_id: UUID = _key()
    sequence: int = _sequence()
    event_id: UUID
    became: UUID | None = None


class CatalogueEntry(CurrentTable, table=True):
    """Courses, municipalities, trainers, the project: few, and asked as they came. `data` is null for what is gone."""

    __tablename__ = "catalogue"

    natural_key: str = Field(primary_key=True, sa_type=Text)
    sequence: int = _sequence()
    event_id: UUID
    data: dict[str, Any] | None = jsonb(default=None, nullable=True)


class Newest(CurrentTable, table=True):
    """When the latest fact of each partition was recorded."""

    __tablename__ = "newest"

    topic: str = Field(primary_key=True, sa_type=Text)
    partition: int = _key()
    recorded_at: datetime = timestamp()


TABLES: Final = [one for one in ReportingTable.metadata.sorted_tables if one.schema == SCHEMA and one.name != "facts"]
