"""Tables of contact data. Row-level security: a trainer sees the people of own rolls only."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Computed, Text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import jsonb

GIVEN, FAMILY = (f"jsonb_path_query_array(contacts, '$.*.{name}_name')" for name in ("given", "family"))
NAMES = Computed(f'lower(({GIVEN} || {FAMILY})::text COLLATE "pg_c_utf8")', persisted=True)


class Person(AttendanceTable, table=True):
    """How to address a person. `protected`: protected identity, shown masked. Erased: nothing but the id is left.

    `contacts`: names, e-mail, telephone and manager by employment id, as each employer gave them. `names`: the given
    and family names among them as a JSON array in small letters, to search in; the database keeps it.
    """

    __tablename__ = "people"

    participant_id: UUID = Field(primary_key=True)
    contacts: dict[str, Any] = jsonb()
    language: str | None = Field(default=None, sa_type=Text)
    protected: bool = False
    erased: bool = False
    sequence: int = Field(sa_type=BigInteger)
    names: str | None = Field(default=None, sa_column=Column(Text(collation="C"), NAMES, nullable=False))


class MergedParticipant(AttendanceTable, table=True):
    """An id that ended, and the person whom it stands for now: the end of a chain of merges."""

    __tablename__ = "merged_participants"

    ended: UUID = Field(primary_key=True)
    became: UUID = Field(index=True)


class TrainerContact(AttendanceTable, table=True):
    """How to address a trainer."""

    __tablename__ = "trainer_contacts"

    trainer_id: UUID = Field(primary_key=True)
    name: str | None = Field(default=None, sa_type=Text)
    email: str | None = Field(default=None, sa_type=Text)
    sequence: int = Field(sa_type=BigInteger)


class SupportNeed(AttendanceTable, table=True):
    """What the person of a registration needs on its session; empty once it was erased."""

    __tablename__ = "support_needs"

    registration_id: UUID = Field(primary_key=True)
    session_id: UUID | None = Field(default=None, index=True)
    needs: list[str] = Field(sa_type=ARRAY(Text))
    sequence: int = Field(sa_type=BigInteger)
