"""Tables of people and their employments. Row-level security: a municipality sees its own staff only."""

from datetime import date
from uuid import UUID

from sqlalchemy import LargeBinary, SmallInteger, Text
from sqlmodel import Field

from services.booking.tables import BookingTable


class Participant(BookingTable, table=True):
    """A person, counted once whatever the number of employers.

    `protected`: protected identity by any of the employers. `personal_number_hint`: the number with its last four
    hidden. Contact data are those entered last, by whichever employer.
    """

    __tablename__ = "participants"

    participant_id: UUID = Field(primary_key=True)
    gender: str = Field(sa_type=Text)
    birth_year: int | None = Field(default=None, sa_type=SmallInteger)
    protected: bool = False
    erased: bool = False
    personal_number_hint: str | None = Field(default=None, sa_type=Text)


class SealedNumber(BookingTable, table=True):
    """The vault: the only place of a personal number. `number_index` is its blind index (keyed hash)."""

    __tablename__ = "vault"

    participant_id: UUID = Field(primary_key=True)
    number_index: bytes = Field(sa_type=LargeBinary, unique=True)
    kid: str = Field(sa_type=Text)
    nonce: bytes = Field(sa_type=LargeBinary)
    box: bytes = Field(sa_type=LargeBinary)


class Staff(BookingTable, table=True):
    """One employment of a person, with the contact data that this employer entered.

    `id` is the staff id of the API, `employment_id` names the employment in events.
    """

    __tablename__ = "staff"

    id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(foreign_key="participants.participant_id", index=True)
    employment_id: UUID = Field(unique=True)
    municipality: str = Field(sa_type=Text, foreign_key="municipalities.code", index=True)
    workplace: str = Field(sa_type=Text)
    given_name: str = Field(sa_type=Text)
    family_name: str = Field(sa_type=Text)
    email: str = Field(sa_type=Text)
    phone: str | None = Field(default=None, sa_type=Text)
    language: str = Field(sa_type=Text)
    manager_email: str | None = Field(default=None, sa_type=Text)
    protected_identity: bool
    revision: int


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
