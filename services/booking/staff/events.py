"""What is published about a person: attributes without names, and contact data on the encrypted topic."""

from services.booking.staff.people import Employment, Person
from shared.contracts import participants_v1
from shared.contracts.participants_v1 import ParticipantChanged
from shared.contracts.people_v2 import ContactOfEmployment, PersonChangedV2


def participant_changed(person: Person) -> ParticipantChanged:
    """The person with the whole history of all employments, whoever the employer is; an erased one reduced to what the
    figures need.
    """
    every = (*person.erased, *person.employments)
    periods = [(period, employment) for employment in every for period in employment.periods]
    age_group = person.attributes.age_group
    return ParticipantChanged.model_validate(
        {
            "participant_id": person.participant_id,
            "gender": person.attributes.gender,
            "birth_year": person.attributes.birth_year,
            "erased": True if age_group else None,
            "age_group": age_group,
            "employments": tuple(
                participants_v1.Employment.model_validate(
                    {
                        **vars(period),
                        "employer_org_number": period.employer_org_number or None,
                        "employment_id": employment.employment_id,
                        "municipality": employment.municipality,
                    }
                )
                for period, employment in sorted(periods, key=lambda each: (each[0].valid_from, each[1].id))
            ),
        }
    )


def person_changed(person: Person) -> PersonChangedV2:
    """How each employer addresses the person."""
    protected = person.attributes.protected_identity
    return PersonChangedV2(
        language=person.language,
        protected=protected,
        contacts=tuple(_contact(employment, protected=protected) for employment in person.employments),
    )


def _contact(employment: Employment, *, protected: bool) -> ContactOfEmployment:
    contact = employment.contact
    return ContactOfEmployment(
        employment_id=employment.employment_id,
        given_name=None if protected else contact.given_name,
        family_name=None if protected else contact.family_name,
        email=contact.email,
        phone=None if protected else contact.phone,
        manager_email=contact.manager_email,
    )
