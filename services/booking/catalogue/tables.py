"""Tables of the catalogue. Everybody with a token may read them; they hold nothing about a person.

`code_key` is what the spellings of one code have in common (shared.codes).
"""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Numeric, Text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import jsonb

THE_ONE = 1
"""The key of tables that have one row."""


class Project(BookingTable, table=True):
    """The one project. `settings` is `[{key, value, valid_from}]` as it was entered; `grant_amount` in kronor."""

    __tablename__ = "project"
    __table_args__ = (CheckConstraint("id = 1", name="project_is_one"),)

    id: int = Field(default=THE_ONE, primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = Field(sa_type=Text)
    period_from: date
    period_to: date
    grant_amount: Decimal = Field(sa_type=Numeric)
    commitment_minutes: int
    settings: list[dict[str, Any]] = jsonb()
    revision: int


class Municipality(BookingTable, table=True):
    """A member of the project."""

    __tablename__ = "municipalities"

    code: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text)
    org_number: str = Field(sa_type=Text)
    contact_email: str | None = Field(default=None, sa_type=Text)
    revision: int


class CommitmentStatement(BookingTable, table=True):
    """What was entered for a municipality from a day on; without minutes they are computed from the employees."""

    __tablename__ = "commitment_statements"

    municipality: str = Field(sa_type=Text, primary_key=True, foreign_key="municipalities.code")
    valid_from: date = Field(primary_key=True)
    employees: int
    minutes: int | None = None


class Commitment(BookingTable, table=True):
    """What follows from all statements: the minutes that a municipality has promised, in force from a day on."""

    __tablename__ = "commitments"

    municipality: str = Field(sa_type=Text, primary_key=True, foreign_key="municipalities.code")
    valid_from: date = Field(primary_key=True)
    employees: int
    minutes: int
    computed: bool


class Course(BookingTable, table=True):
    """What is taught. `requires` holds codes of courses; `titles` narrows the target group further when not empty."""

    __tablename__ = "courses"

    id: UUID = Field(primary_key=True)
    code: str = Field(sa_type=Text, unique=True)
    code_key: str = Field(sa_type=Text, unique=True)
    title: str = Field(sa_type=Text)
    description: str = Field(sa_type=Text)
    duration_minutes: int
    categories: list[str] = Field(sa_type=ARRAY(Text))
    titles: list[str] | None = Field(default=None, sa_type=ARRAY(Text))
    requires: list[str] = Field(sa_type=ARRAY(Text))
    languages: list[str] = Field(sa_type=ARRAY(Text))
    needs_qualification: str | None = Field(default=None, sa_type=Text)
    term: str | None = Field(default=None, sa_type=Text)
    revision: int


class Package(BookingTable, table=True):
    """A recommended set of courses, in order."""

    __tablename__ = "packages"

    id: UUID = Field(primary_key=True)
    code: str = Field(sa_type=Text, unique=True)
    code_key: str = Field(sa_type=Text, unique=True)
    title: str = Field(sa_type=Text)
    for_titles: list[str] = Field(sa_type=ARRAY(Text))
    courses: list[str] = Field(sa_type=ARRAY(Text))
    revision: int


class Title(BookingTable, table=True):
    """One title of the differentiation model; `position` is its place in the list as it was entered."""

    __tablename__ = "titles"

    title: str = Field(sa_type=Text, primary_key=True)
    code_key: str = Field(sa_type=Text, unique=True)
    title_sv: str | None = Field(default=None, sa_type=Text)
    category: str = Field(sa_type=Text)
    step: int | None = None
    required_courses: list[str] = Field(sa_type=ARRAY(Text))
    position: int


class TitleList(BookingTable, table=True):
    """The revision of the whole differentiation model, which is edited as one."""

    __tablename__ = "title_list"
    __table_args__ = (CheckConstraint("id = 1", name="title_list_is_one"),)

    id: int = Field(default=THE_ONE, primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int
