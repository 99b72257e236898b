"""Older versions of an event as the newest one says it, so that a consumer handles one form only."""

from typing import Final
from uuid import UUID

from shared.contracts.people_v1 import PersonChanged
from shared.contracts.people_v2 import ContactOfEmployment, PersonChangedV2

EVERY_EMPLOYMENT: Final = UUID(int=0)
"""The employment of a contact that was published when a person had one for all of them."""

_CONTACT: Final = ("given_name", "family_name", "email", "phone", "manager_email")


def person_changed(data: PersonChanged | PersonChangedV2) -> PersonChangedV2:
    """Version 2 of a person's contact data."""
    if isinstance(data, PersonChangedV2):
        return data
    fields = {name: getattr(data, name) for name in _CONTACT}
    contact = ContactOfEmployment(employment_id=EVERY_EMPLOYMENT, **fields)
    return PersonChangedV2(language=data.language, protected=data.protected, contacts=(contact,))
