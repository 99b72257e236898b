"""What is published about a person: attributes without names, and contact data on the encrypted topic."""

from services.booking.staff.people import Contact, Person
from shared.contracts.participants_v1 import Employment, ParticipantChanged
from shared.contracts.people_v1 import PersonChanged


def participant_changed(person: Person) -> ParticipantChanged:
    """The person with the whole history of all employments, whoever the employer is."""
    periods = [(period, employment) for employment in person.employments for period in employment.periods]
    return ParticipantChanged.model_validate(
        {
            "participant_id": person.participant_id,
            "gender": person.gender,
            "birth_year": person.birth_year,
            "employments": tuple(
                Employment.model_validate(
                    {
                        **vars(period),
                        "employment_id": employment.employment_id,
                        "municipality": employment.municipality,
                    }
                )
                for period, employment in sorted(periods, key=lambda each: (each[0].valid_from, each[1].id))
            ),
        }
    )


def person_changed(contact: Contact, *, protected: bool) -> PersonChanged:
    """How to address the person; with protected identity there is no name and no phone."""
    return PersonChanged(
        given_name=None if protected else contact.given_name,
        family_name=None if protected else contact.family_name,
        email=contact.email,
        phone=None if protected else contact.phone,
        language=contact.language,
        manager_email=contact.manager_email,
        protected=protected,
    )
