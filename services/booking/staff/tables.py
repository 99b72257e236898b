"""Tables of people and their employments. Row-level security: a municipality sees its own staff only."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Computed, Index, LargeBinary, SmallInteger, Text, UniqueConstraint, text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.sorting import LETTERS, STAND_INS


def _search_key(expression: str, *, nullable: bool = False) -> Any:
    computed = Computed(f'lower(({expression}) COLLATE "pg_c_utf8")', persisted=True)
    return Field(default=None, sa_column=Column(Text(collation="C"), computed, nullable=nullable, index=True))


def _order_key(expression: str) -> Any:
    """As `shared.database.sorting.swedish` orders."""
    small = f'lower(({expression}) COLLATE "pg_c_utf8")'
    computed = Computed(f"translate({small}, '{LETTERS}', '{STAND_INS}')", persisted=True)
    return Field(default=None, sa_column=Column(Text(collation="C"), computed, nullable=False))


class Participant(BookingTable, table=True):
    """A person, counted once whatever the number of employers.

    Here is what belongs to the person whoever the employer is. `personal_number_hint`: the number with its last four
    hidden. `merged_into`: the participant that this one was found to be; nothing refers to the row any more.
    Of an erased person only gender and `age_group` are left, until the same number is entered again.
    """

    __tablename__ = "participants"

    participant_id: UUID = Field(primary_key=True)
    gender: str = Field(sa_type=Text)
    birth_year: int | None = Field(default=None, sa_type=SmallInteger)
    protected: bool = False
    erased: bool = False
    personal_number_hint: str | None = Field(default=None, sa_type=Text)
    age_group: str | None = Field(default=None, sa_type=Text)
    merged_into: UUID | None = Field(default=None, foreign_key="participants.participant_id", index=True)


class SealedNumber(BookingTable, table=True):
    """The vault: the only place of a personal number. `number_index` is its blind index (keyed hash).

    Numbers that a person had before stay, so that who still enters one of them finds the same person; one is `current`.
    """

    __tablename__ = "vault"
    __table_args__ = (Index("ux_vault_current", "participant_id", unique=True, postgresql_where=text("current")),)

    number_index: bytes = Field(sa_type=LargeBinary, primary_key=True)
    participant_id: UUID = Field(index=True)
    current: bool
    kid: str = Field(sa_type=Text)
    nonce: bytes = Field(sa_type=LargeBinary)
    box: bytes = Field(sa_type=LargeBinary)


class Staff(BookingTable, table=True):
    """One employment of a person, with the contact data that this employer entered.

    `id` is the staff id of the API, `employment_id` names the employment in events. The keys are what a search
    compares: small letters, in an order in which a beginning is a range. (They are columns because row-level security
    lets no function of a row decide which index entries are read.) The orders are what a list is sorted by.
    An `erased` one has no contact data and no workplace; nobody sees it but the service, for its registrations.
    """

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("id", "participant_id"),
        Index("ix_staff_name_order", "name_order", "id"),
        Index("ix_staff_workplace_order", "workplace_order", "id"),
        Index("ix_staff_municipality_workplace", "municipality", "workplace"),
    )

    id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(foreign_key="participants.participant_id", index=True)
    employment_id: UUID = Field(unique=True)
    municipality: str = Field(sa_type=Text, foreign_key="municipalities.code", index=True)
    workplace: str = Field(sa_type=Text, index=True)
    given_name: str = Field(sa_type=Text)
    family_name: str = Field(sa_type=Text)
    email: str | None = Field(default=None, sa_type=Text)
    phone: str | None = Field(default=None, sa_type=Text)
    language: str = Field(sa_type=Text)
    manager_email: str | None = Field(default=None, sa_type=Text)
    erased: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    revision: int
    name_key: str = _search_key("given_name || ' ' || family_name")
    family_name_key: str = _search_key("family_name || ' ' || given_name")
    email_key: str | None = _search_key("email", nullable=True)
    name_order: str = _order_key("family_name || ' ' || given_name")
    workplace_order: str = _order_key("workplace")


class EmploymentPeriod(BookingTable, table=True):
    """What held for an employment from `valid_from` to `valid_to`, both inclusive; periods of one never overlap.

    `title` is the code of a title of the differentiation model, or free text.
    """

    __tablename__ = "employment_periods"

    employment_id: UUID = Field(primary_key=True, foreign_key="staff.employment_id")
    valid_from: date = Field(primary_key=True)
    valid_to: date | None = None
    participant_id: UUID = Field(foreign_key="participants.participant_id", index=True)
    municipality: str = Field(sa_type=Text)
    employer_org_number: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    category: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
