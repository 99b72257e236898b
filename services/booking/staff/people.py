"""People and their employments as values: what is loaded, decided about and written."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.booking.staff.rules import Period
from shared.contracts.participants_v1 import AgeGroup

SWEDISH = "sv"


@dataclass(frozen=True)
class Contact:
    """How one employer addresses a person; no other employer's contact is touched by it."""

    given_name: str
    family_name: str
    email: str | None
    phone: str | None
    language: str
    manager_email: str | None


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
class Attributes:
    """What belongs to the person, not to an employment: it is the same for every employer."""

    gender: str
    birth_year: int | None
    personal_number_hint: str | None
    protected_identity: bool
    age_group: AgeGroup | None = None
    """Of an erased person, in place of the birth year."""


@dataclass(frozen=True)
class Person:
    """A participant with all employments, whoever the employer is, in the order in which they were added."""

    participant_id: UUID
    attributes: Attributes
    employments: tuple[Employment, ...] = ()
    erased: tuple[Employment, ...] = ()
    """Those from before the person was erased: without contact, for the figures alone."""

    @property
    def language(self) -> str:
        """The newest language beside Swedish that an employer gave: Swedish stands first in every mail anyway."""
        given = [employment.contact.language for employment in self.employments]
        return next((language for language in reversed(given) if language != SWEDISH), SWEDISH)

    def employment(self, staff_id: UUID) -> Employment:
        """One of the person's employments. Raises KeyError."""
        return {employment.id: employment for employment in self.employments}[staff_id]

    def with_employment(self, changed: Employment) -> "Person":
        """The person with an employment added, or in the place of what it was."""
        others = [employment for employment in self.employments if employment.id != changed.id]
        return self.with_employments((*others, changed))

    def with_employments(self, employments: tuple[Employment, ...]) -> "Person":
        return replace(self, employments=tuple(sorted(employments, key=lambda each: each.id)))

    def stated(self, gender: str | None, protected_identity: bool | None) -> "Person":
        """The person with the attributes that somebody stated; None states nothing."""
        attributes = self.attributes
        if gender is not None:
            attributes = replace(attributes, gender=gender)
        if protected_identity is not None:
            attributes = replace(attributes, protected_identity=protected_identity)
        return replace(self, attributes=attributes)


@dataclass(frozen=True)
class Change:
    """What an act makes of one employment (`before` None: it is new) of a person."""

    action: str
    participant_id: UUID
    before: Employment | None
    after: Employment


def only_by_coordinator(before: Attributes, after: Attributes) -> list[str]:
    """The attributes that changed and that no employer may change: it can protect an identity, never lift it."""
    changed = []
    if before.gender != after.gender:
        changed.append("gender")
    if before.protected_identity and not after.protected_identity:
        changed.append("protected_identity")
    return changed
