"""What the catalogue's calls take and answer."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from services.booking.fields import MinutesUpTo, Term, Unique
from shared.contracts.types import Category, MunicipalityCode
from shared.web.bodies import ANSWER, Body, DaysBody
from shared.web.fields import Code, Day, Email, Kronor, LanguageTag, Line, Prose
from shared.web.written import as_amount

Hours = Annotated[Decimal, BeforeValidator(as_amount), Field(ge=0, le=30_000_000, decimal_places=2)]


class SettingBody(Body):
    """One dated setting; the keys and their values are in `project_settings`. Default day: the project's first."""

    key: str
    value: Any
    valid_from: Day | None = None


class ProjectBody(Body):
    """The project; `grant` in kronor, `commitment_minutes` what the municipalities promise together."""

    name: Line
    period: DaysBody
    grant: Kronor
    commitment_minutes: MinutesUpTo
    settings: list[SettingBody] = []


class ProjectShown(ProjectBody):
    model_config = ANSWER


class CommitmentBody(Body):
    minutes: int
    employees: int
    valid_from: Day


class MunicipalityBody(Body):
    """A municipality and its commitment from a day on (default: the project's first).

    Without `commitment_minutes`, or with `commitment_computed`, the minutes follow from the employees.
    """

    code: MunicipalityCode | None = None
    name: Line
    org_number: str
    employees: Annotated[int, Field(ge=1, le=10_000_000)]
    commitment_minutes: MinutesUpTo | None = None
    commitment_computed: bool = False
    contact_email: Email | None = None
    valid_from: Day | None = None
    commitments: list[CommitmentBody] | None = Field(default=None, description="As GET shows them; not changed here.")


class MunicipalityShown(BaseModel):
    """A municipality with what was entered last (by `valid_from`) and its whole dated commitment."""

    code: str
    name: str
    org_number: str
    employees: int
    commitment_minutes: int
    commitment_computed: bool
    contact_email: str | None
    valid_from: date
    commitments: list[CommitmentBody]


class CourseBody(Body):
    """A course. `requires` holds course codes; `titles` narrows the target group further than `categories`."""

    code: Code
    title: Line
    description: Prose = ""
    duration_minutes: Annotated[int, Field(ge=1, le=100_000)]
    categories: Annotated[list[Category], Field(min_length=1), Unique]
    titles: Annotated[list[Line], Unique] | None = None
    requires: Annotated[list[Code], Unique] = []
    languages: Annotated[list[LanguageTag], Unique] = ["sv"]
    needs_qualification: Line | None = None
    term: Term | None = None


class CoursePatch(Body):
    """The fields of a course to change; null empties an optional one."""

    code: Code | None = None
    title: Line | None = None
    description: Prose | None = None
    duration_minutes: int | None = None
    categories: list[Category] | None = None
    titles: list[Line] | None = None
    requires: list[Code] | None = None
    languages: list[LanguageTag] | None = None
    needs_qualification: Line | None = None
    term: Term | None = None


class CourseShown(CourseBody):
    model_config = ANSWER

    id: UUID


class PackageBody(Body):
    """A recommended set of courses, `courses` in order."""

    code: Code
    title: Line
    for_titles: Annotated[list[Line], Unique] = []
    courses: Annotated[list[Code], Unique]


class PackagePatch(Body):
    """The fields of a package to change."""

    code: Code | None = None
    title: Line | None = None
    for_titles: list[Line] | None = None
    courses: list[Code] | None = None


class PackageShown(PackageBody):
    model_config = ANSWER

    id: UUID


class MunicipalityHoursBody(MunicipalityBody):
    """A municipality as its form has it: people count what was promised in hours."""

    commitment_hours: Hours | None = None

    def entered(self) -> MunicipalityBody:
        minutes = None if self.commitment_hours is None else round(self.commitment_hours * 60)
        return self.model_copy(update={"commitment_minutes": minutes})


class ProjectHoursBody(Body):
    """The project without its settings, which have pages of their own."""

    name: Line
    period: DaysBody
    grant: Annotated[Kronor, BeforeValidator(as_amount)]
    commitment_hours: Hours


class NewSettingBody(Body):
    """A new value of a setting, from a day on."""

    value: Line | None = None
    unit_minutes: int | None = None
    mode: Line | None = None
    per: Line | None = None
    valid_from: Day
