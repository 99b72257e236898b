"""From a body to an entry: what was sent, checked against the register, with defaults filled in."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.booking.catalogue.queries import UNKNOWN_MUNICIPALITY
from services.booking.catalogue.rules import org_number, title_code
from services.booking.staff.bodies import StaffBody
from services.booking.staff.people import SWEDISH, Contact, Employment, Person
from services.booking.staff.problems import before_its_start
from services.booking.staff.queries import Reference
from services.booking.staff.rules import Period, default_start
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.security import personal_numbers
from shared.security.personal_numbers import InvalidPersonalNumber, PersonalNumber
from shared.web.problems import FieldError


@dataclass(frozen=True)
class Entry:
    """One checked entry: the number apart from all else, `given` the fields that were really sent."""

    number: PersonalNumber
    body: StaffBody
    municipality: str
    employer_org_number: str
    title: str
    given: frozenset[str]

    def contact(self) -> Contact:
        body = self.body
        return Contact(
            given_name=body.given_name,
            family_name=body.family_name,
            email=body.email,
            phone=body.phone,
            language=body.language or SWEDISH,
            manager_email=body.manager_email,
        )

    def of_person(self, person: Person) -> Person:
        """The person with what was entered of it."""
        return person.stated(self.body.gender, self.body.protected_identity)

    def dated(self) -> dict[str, Any]:
        """What a period of the employment holds."""
        return {
            "title": self.title,
            "category": self.body.category,
            "kind": self.body.kind,
            "employer_org_number": self.employer_org_number,
        }

    def period(self, start: date) -> Period:
        return Period(valid_from=start, valid_to=self.body.valid_to, **self.dated())

    def employment(self, unit: Unit, start: date) -> Employment:
        """A new employment of this content."""
        return Employment(
            id=unit.ids.uuid7(),
            employment_id=unit.ids.uuid7(),
            municipality=self.municipality,
            workplace=self.body.workplace,
            contact=self.contact(),
            periods=(self.period(start),),
            revision=1,
        )


def start_of(unit: Unit, entry: Entry, reference: Reference, person: Person) -> date:
    """When a new employment of a person begins: as entered, else by `default_start`, but not after its end."""
    if entry.body.valid_from is not None:
        return entry.body.valid_from
    act_day = local_day(unit.occurred_at)
    earlier = [
        period for each in person.employments if each.municipality == entry.municipality for period in each.periods
    ]
    start = default_start(reference.first_day or act_day, act_day, earlier)
    return start if entry.body.valid_to is None else min(start, entry.body.valid_to)


def checked(unit: Unit, body: StaffBody, reference: Reference) -> Entry | list[FieldError]:
    """The entry of a body, or what is wrong with it."""
    number = parsed_number(unit, body.personal_number)
    municipality = _municipality(unit, body, reference)
    employer = _employer(body, reference, municipality)
    period = _period_errors(body)
    errors = [part for part in (number, municipality, employer) if isinstance(part, FieldError)] + period
    if errors or not isinstance(number, PersonalNumber) or not isinstance(municipality, str):
        return errors
    assert isinstance(employer, str)
    title = title_code(body.title, reference.titles)
    return Entry(number, body, municipality, employer, title, frozenset(body.model_fields_set))


def parsed_number(unit: Unit, text: str) -> PersonalNumber | FieldError:
    """The personal number, or why it is none; the reason never repeats it."""
    try:
        return personal_numbers.parse(text, local_day(unit.recorded_at))
    except InvalidPersonalNumber as error:
        return FieldError("/personal_number", error.reason, error.sv, error.en)


def checked_employer(text: str) -> str | FieldError:
    """An employer's organisation number in its one form."""
    return org_number(text) or FieldError(
        "/employer_org_number",
        "not-an-organisation-number",
        "Arbetsgivarens organisationsnummer är fel. Skriv det som 212000-2007, eller utelämna det.",
        "The employer's organisation number is wrong. Write it as 212000-2007, or leave it out.",
    )


def _municipality(unit: Unit, body: StaffBody, reference: Reference) -> str | FieldError:
    own = unit.municipality
    code = body.municipality or own
    if code is None:
        return FieldError("/municipality", "missing", "Ange kommunens kod.", "Give the municipality's code.")
    if own is not None and code != own:
        return FieldError(
            "/municipality",
            "not-your-municipality",
            "Ni kan bara lägga in er egen kommuns personal.",
            "You can only enter staff of your own municipality.",
        )
    if code not in reference.municipalities:
        return UNKNOWN_MUNICIPALITY
    return code


def _employer(body: StaffBody, reference: Reference, municipality: str | FieldError) -> str | FieldError:
    if body.employer_org_number is not None:
        return checked_employer(body.employer_org_number)
    return reference.municipalities.get(municipality, "") if isinstance(municipality, str) else ""


def _period_errors(body: StaffBody) -> list[FieldError]:
    if body.valid_from is None or body.valid_to is None or body.valid_from <= body.valid_to:
        return []
    return [before_its_start()]
