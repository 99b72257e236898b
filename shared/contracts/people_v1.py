"""Names and contact data, encrypted. Keys: `person/<participant id>`, `trainer/<id>`, `support/<registration id>`."""

from uuid import UUID

from shared.contracts.registry import EventData, event
from shared.contracts.topics import PEOPLE


@event("people.person-changed.v1", topic=PEOPLE)
class PersonChanged(EventData):
    """How to address a person, by one contact for all employments; followed by version 2, which has one for each."""

    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str
    manager_email: str | None = None
    protected: bool


@event("people.trainer-contact-changed.v1", topic=PEOPLE)
class TrainerContactChanged(EventData):
    name: str
    email: str


@event("people.support-noted.v1", topic=PEOPLE)
class SupportNoted(EventData):
    """What a person needs on a session; erased some days after its last occasion."""

    session_id: UUID
    needs: tuple[str, ...]
