"""Names and contact data, encrypted: what changed since version 1. Key: `person/<participant id>`."""

from uuid import UUID

from shared.contracts.registry import EventData, Part, event
from shared.contracts.topics import PEOPLE


class ContactOfEmployment(Part):
    """How one employer addresses the person; with protected identity there is no name and no phone."""

    employment_id: UUID
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    phone: str | None = None
    manager_email: str | None = None


@event("people.person-changed.v2", topic=PEOPLE)
class PersonChangedV2(EventData):
    """How to address a person: rolls, mails and certificates take the contact of the registration's employment."""

    language: str
    protected: bool
    contacts: tuple[ContactOfEmployment, ...]
