"""What is taught, by whom, for whom, and what was promised. Compacted: each value carries its whole dated history."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue, ValidationInfo, field_validator

from shared.contracts.registry import EventData, Part, event
from shared.contracts.topics import CATALOGUE
from shared.contracts.types import MOST, Category, Count, Day, Minutes, Money, MunicipalityCode, Number

PROJECT_KEY = "project/project"
"""There is one project."""


@event("catalogue.course-changed.v1", topic=CATALOGUE, key="course/{code}", about="{key}", projection="catalogue")
class CourseChanged(EventData):
    """A course; `requires` are the codes of what must come before it, `titles` narrows the target group further."""

    code: str
    title: str
    duration_minutes: Minutes
    categories: tuple[Category, ...]
    requires: tuple[str, ...]
    titles: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    needs_qualification: str | None = None
    term: str | None = None


@event("catalogue.package-changed.v1", topic=CATALOGUE, key="package/{code}", about="{key}", projection="catalogue")
class PackageChanged(EventData):
    """A recommended set of courses, `courses` in order, for the roles `for_titles`."""

    code: str
    title: str
    for_titles: tuple[str, ...]
    courses: tuple[str, ...]


@event("catalogue.title-changed.v1", topic=CATALOGUE, key="title/{title}", about="{key}", projection="catalogue")
class TitleChanged(EventData):
    """One title of the differentiation model; `step` rises with responsibility, some titles have none."""

    title: str
    category: Category
    step: Number | None = None
    required_courses: tuple[str, ...]


class Commitment(Part):
    """Minutes that a municipality has promised over the whole project, in force from `valid_from`."""

    minutes: Minutes
    employees: Count
    valid_from: Day


@event(
    "catalogue.municipality-changed.v1",
    topic=CATALOGUE,
    key="municipality/{code}",
    about="{key}",
    projection="catalogue",
)
class MunicipalityChanged(EventData):
    code: MunicipalityCode
    name: str
    commitments: tuple[Commitment, ...]


class Qualification(Part):
    code: str
    obtained_on: Day


@event(
    "catalogue.trainer-changed.v1", topic=CATALOGUE, key="trainer/{trainer_id}", about="{key}", projection="catalogue"
)
class TrainerChanged(EventData):
    """A trainer without name; active from `active_from` until the day before `active_to`."""

    trainer_id: UUID
    qualifications: tuple[Qualification, ...]
    home_municipality: MunicipalityCode
    active_from: Day | None = None
    active_to: Day | None = None


class Period(Part):
    """Local days, both inclusive."""

    from_: Day = Field(validation_alias="from", serialization_alias="from")
    to: Day


class Rounding(BaseModel):
    """How minutes are rounded; what is left out is as in the HTTP contract."""

    unit_minutes: int = Field(default=1, ge=1, le=MOST)
    mode: Literal["half_up", "half_even", "down", "up"] = "half_up"
    per: Literal["occasion", "person_month"] = "occasion"


class Setting(Part):
    """One dated setting of the project; its keys and values are listed in the HTTP contract. Absent: null."""

    key: str
    value: JsonValue = None
    valid_from: Day

    @field_validator("value")
    @classmethod
    def _can_be_followed(cls, value: JsonValue, others: ValidationInfo) -> JsonValue:
        """A rule for rounding that a reader does not know would make every figure wrong, or none."""
        if others.data.get("key") == "rounding" and value is not None:
            Rounding.model_validate(value, strict=True)
        return value


@event("catalogue.project-changed.v1", topic=CATALOGUE, key=PROJECT_KEY, about="{key}", projection="catalogue")
class ProjectChanged(EventData):
    name: str
    period: Period
    grant: Money
    commitment_minutes: Minutes
    settings: tuple[Setting, ...]
