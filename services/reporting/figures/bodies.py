"""The answers of figures and co-financing as clients see them: what may not be told is null, named in `suppressed`."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Told = int | None
"""A number that some readers, or some questions, are not told: then null."""


class PeriodShown(BaseModel):
    """Local days, both inclusive."""

    model_config = ConfigDict(populate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")


class UniqueParticipantsShown(BaseModel):
    """People with attested minutes, each once; once at each employer in `by_municipality`."""

    total: int
    by_gender: dict[str, int]
    by_age: dict[str, int]
    by_municipality: dict[str, int]


class ParticipationsShown(BaseModel):
    """People with attested minutes, once per session."""

    total: int
    by_category: dict[str, int]
    by_title: dict[str, int]
    by_course: dict[str, int]
    by_municipality: dict[str, int]


class SessionsShown(BaseModel):
    held: int
    cancelled: int
    cancelled_by_cause: dict[str, int]
    courses_offered: int


class SeatsShown(BaseModel):
    """`fill_rate` = persons who attended ÷ seats offered, of held sessions; both null under a municipality filter."""

    offered: Told
    confirmed: int
    cancelled_in_time: int
    cancelled_late: int
    no_show: int
    walk_in: int
    fill_rate: float | None


class MinutesShown(BaseModel):
    """`unmatched_minutes` are the attested ones without an employer: never claimable. `claimable` is null for a part of
    a month that is rounded as a whole.
    """

    scheduled: Told
    attended: Told
    attested: Told
    unmatched_minutes: Told
    signed: Told
    claimable: Told
    lost_to_rounding: Told


class HelpedShown(BaseModel):
    """Null, like the other questions, while fewer than 5 have answered it."""

    n: Told
    high: Told
    fairly_high: Told
    share: float | None


class ConfidenceShown(BaseModel):
    n: Told
    mean: float | None


class LanguageSupportShown(BaseModel):
    needed: Told
    fully: Told
    partly: Told
    no: Told
    share: float | None


class ParticipantSurveyShown(BaseModel):
    invited: int
    answered: int
    helped: HelpedShown
    confidence: ConfidenceShown
    language_support: LanguageSupportShown


class QuestionShown(BaseModel):
    """`values`: how often each answer was given; `mean` only of questions answered with grades."""

    n: Told
    values: dict[str, int] | None
    mean: float | None = None


class ManagerSurveyShown(BaseModel):
    invited: int
    answered: int
    questions: dict[str, QuestionShown]


class SurveysShown(BaseModel):
    participant: ParticipantSurveyShown
    manager: ManagerSurveyShown


class TrainersShown(BaseModel):
    """On the last day of the period; `qualified` by the code of the qualification."""

    qualified: dict[str, int]
    starting_later: int
    left: int


class ApproximateShown(BaseModel):
    """Counted without names; null under a municipality filter."""

    head_counts: Told


class FiguresShown(BaseModel):
    """Every measure of a period. `cut_off`: for each topic and partition the offset that is read next."""

    period: PeriodShown
    cut_off: dict[str, dict[str, int]]
    data_as_of: str | None
    suppressed: list[str]
    rounded_to: int | None = Field(default=None, description="In released figures only: 5.")
    unique_participants: UniqueParticipantsShown
    participations: ParticipationsShown
    sessions: SessionsShown
    seats: SeatsShown
    minutes: MinutesShown
    surveys: SurveysShown | None
    trainers: TrainersShown
    approximate: ApproximateShown


class ProjectStandingShown(BaseModel):
    """`unmatched_minutes` are the part of the attested ones that is credited to no employer, and never claimable."""

    commitment_minutes: int
    attested_minutes: Told
    claimable_minutes: Told
    attainment: float | None
    unmatched_minutes: Told


class ForecastShown(BaseModel):
    """Attainment at the end of the project."""

    at_end: float | None
    low: float | None
    high: float | None


class MunicipalityStandingShown(BaseModel):
    """`attainment` is a fraction with four decimals, null without a commitment."""

    code: str
    name: str
    commitment_minutes: int
    attested_minutes: Told
    claimable_minutes: Told
    attainment: float | None
    forecast: ForecastShown
    to_close_gap_minutes: Told


class CofinancingShown(BaseModel):
    project: ProjectStandingShown
    municipalities: list[MunicipalityStandingShown]
    suppressed: list[str] = Field(default_factory=list, description="In released figures only.")
    rounded_to: int | None = Field(default=None, description="In released figures only: 5.")


Answer = dict[str, Any]
"""What the pure functions give; the response model describes and checks it."""
