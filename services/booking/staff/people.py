"""People and their employments as values: what is loaded, decided about and written."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.booking.staff.rules import Period


@dataclass(frozen=True)
class Contact:
    """How an employer addresses a person."""

    given_name: str
    family_name: str
    email: str
    phone: str | None
    language: str
    manager_email: str | None
    protected_identity: bool


@dataclass(frozen=True)
class Employment:
    """One employment, with its dated history in order of time."""

    id: UUID
    employment_id: UUID
    municipality: str
    workplace: str
    contact: Contact
    periods: tuple[Period, ...]
    revision: int

    @property
    def begin(self) -> Period:
        return self.periods[0]

    @property
    def latest(self) -> Period:
        return self.periods[-1]


@dataclass(frozen=True)
class Person:
    """A participant with all employments, whoever the employer is."""

    participant_id: UUID
    gender: str
    birth_year: int | None
    personal_number_hint: str | None
    employments: tuple[Employment, ...] = ()

    @property
    def protected(self) -> bool:
        """Protected identity, when any employer says so."""
        return any(employment.contact.protected_identity for employment in self.employments)

    def employment(self, staff_id: UUID) -> Employment:
        """One of the person's employments. Raises KeyError."""
        return {employment.id: employment for employment in self.employments}[staff_id]

    def with_employment(self, changed: Employment) -> "Person":
        """The person with an employment added, or in the place of what it was."""
        others = tuple(employment for employment in self.employments if employment.id != changed.id)
        return replace(self, employments=(*others, changed))


@dataclass(frozen=True)
class Change:
    """What an act makes of one employment (`before` None: it is new) of a person."""

    action: str
    participant_id: UUID
    before: Employment | None
    after: Employment
