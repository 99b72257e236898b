"""What the staff calls take and answer. A personal number goes in and never comes out."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from shared.contracts.participants_v1 import EmploymentKind, Gender
from shared.contracts.types import Category, MunicipalityCode
from shared.imports import bodies as imports
from shared.imports.bodies import FieldErrorShown, FileShown, Outcome
from shared.web.bodies import Body
from shared.web.fields import Day, Email, LanguageTag, Line, Phone


class StaffBody(Body):
    """An employment of a person. `municipality` may be left out by a municipality, which enters its own staff only.

    Name, contact, workplace, title and category are the employment's; gender and protected identity the person's, the
    same for every employer. `title`: a code of the differentiation model, its Swedish title, or any text. Without
    `valid_from` the employment counts from the project's first day; of someone who comes back, from the local day of
    the act.
    """

    personal_number: str
    given_name: Line
    family_name: Line
    email: Email | None = None
    phone: Phone | None = None
    language: LanguageTag | None = None
    manager_email: Email | None = None
    employer_org_number: str | None = None
    workplace: Line
    title: Line
    category: Category
    kind: EmploymentKind = "employed"
    gender: Gender | None = None
    protected_identity: bool | None = None
    municipality: MunicipalityCode | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None


class StaffPatch(Body):
    """The fields to change; null empties an optional one.

    A change of title, category, kind or employer applies from `valid_from` (default: the local day of the act) and
    leaves what held before. `valid_from` alone moves the beginning of the employment, `valid_to` its end. `gender`, and
    lifting `protected_identity`, are the coordinator's.
    """

    personal_number: str | None = None
    municipality: str | None = None
    given_name: Line | None = None
    family_name: Line | None = None
    email: Email | None = None
    phone: Phone | None = None
    language: LanguageTag | None = None
    manager_email: Email | None = None
    employer_org_number: str | None = None
    workplace: Line | None = None
    title: Line | None = None
    category: Category | None = None
    kind: EmploymentKind | None = None
    gender: Gender | None = None
    protected_identity: bool | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None


class EndBody(Body):
    """The last day of an employment."""

    valid_to: Day


class NumberBody(Body):
    """Whom to look for."""

    personal_number: str


class PeriodShown(BaseModel):
    """What held for the employment from a day to a day, both inclusive."""

    valid_from: date
    valid_to: date | None
    title: str
    category: Category
    kind: EmploymentKind
    employer_org_number: str


class StaffShown(BaseModel):
    """An employment: what holds last, when it began and ends, and its dated `history`."""

    id: UUID
    participant_id: UUID
    employment_id: UUID
    personal_number_hint: str | None
    given_name: str
    family_name: str
    email: str | None
    phone: str | None
    language: str
    manager_email: str | None
    employer_org_number: str
    workplace: str
    title: str
    category: Category
    kind: EmploymentKind
    gender: Gender
    birth_year: int | None
    protected_identity: bool
    municipality: str
    valid_from: date
    valid_to: date | None
    history: list[PeriodShown]


class StaffChangedShown(StaffShown):
    """The employment after a change, and the registrations on later sessions that its end cancelled."""

    cancelled_registrations: list[UUID]


class RowShown(BaseModel):
    """The fate of one row; `row` counts from the file's first line, which holds the column names.

    `cancelled_registrations`: those on later sessions that the end of the employment cancels.
    """

    row: int
    outcome: Outcome
    id: UUID | None = None
    participant_id: UUID | None = None
    cancelled_registrations: list[UUID] = []
    errors: list[FieldErrorShown] = []


class TotalsShown(imports.TotalsShown):
    """Rows by outcome; `written` is 0 for a dry run, and when any row is wrong: then nothing at all is written."""

    cancelled_registrations: int


class ImportShown(FileShown[RowShown, TotalsShown]):
    """What becomes of a file. `ignored_columns` are those that no field is called by; `notes` say what was forgiven."""


class JobBegunShown(BaseModel):
    """The job that a long file became: `GET /v1/jobs/{id}`."""

    job: UUID
