"""The answers of figures and co-financing as clients see them. A hidden count is null and named in `suppressed`."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Hidden = int | None
"""A count of people or of their answers; null when hidden."""


class PeriodOut(BaseModel):
    """Local days, both inclusive."""

    model_config = ConfigDict(populate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")


class UniqueParticipantsOut(BaseModel):
    """People with attested minutes, each once; once at each employer in `by_municipality`."""

    total: Hidden
    by_gender: dict[str, Hidden]
    by_age: dict[str, Hidden]
    by_municipality: dict[str, Hidden]


class ParticipationsOut(BaseModel):
    """People with attested minutes, once per session."""

    total: Hidden
    by_category: dict[str, Hidden]
    by_title: dict[str, Hidden]
    by_course: dict[str, Hidden]
    by_municipality: dict[str, Hidden]


class SessionsOut(BaseModel):
    held: int
    cancelled: int
    cancelled_by_cause: dict[str, int]
    courses_offered: int


class SeatsOut(BaseModel):
    """`fill_rate` = persons who attended ÷ seats offered, of held sessions."""

    offered: int
    confirmed: Hidden
    cancelled_in_time: Hidden
    cancelled_late: Hidden
    no_show: Hidden
    walk_in: Hidden
    fill_rate: float | None


class MinutesOut(BaseModel):
    scheduled: int
    attended: int
    attested: int
    signed: int
    claimable: int
    lost_to_rounding: int


class HelpedOut(BaseModel):
    n: Hidden
    high: Hidden
    fairly_high: Hidden
    share: float | None


class ConfidenceOut(BaseModel):
    n: Hidden
    mean: float | None


class LanguageSupportOut(BaseModel):
    needed: Hidden
    fully: Hidden
    partly: Hidden
    no: Hidden
    share: float | None


class ParticipantSurveyOut(BaseModel):
    invited: Hidden
    answered: Hidden
    helped: HelpedOut
    confidence: ConfidenceOut
    language_support: LanguageSupportOut


class QuestionOut(BaseModel):
    """`values`: how often each answer was given; `mean` only of questions answered with grades."""

    n: Hidden
    values: dict[str, Hidden]
    mean: float | None = None


class ManagerSurveyOut(BaseModel):
    invited: Hidden
    answered: Hidden
    questions: dict[str, QuestionOut]


class SurveysOut(BaseModel):
    participant: ParticipantSurveyOut
    manager: ManagerSurveyOut


class TrainersOut(BaseModel):
    """On the last day of the period; `qualified` by the code of the qualification."""

    qualified: dict[str, Hidden]
    starting_later: Hidden
    left: Hidden


class ApproximateOut(BaseModel):
    """Counted without names; null under a municipality filter."""

    head_counts: Hidden


class FiguresOut(BaseModel):
    """Every measure of a period. `cut_off`: for each topic and partition the offset that is read next."""

    period: PeriodOut
    cut_off: dict[str, dict[str, int]]
    data_as_of: str | None
    suppressed: list[str]
    unique_participants: UniqueParticipantsOut
    participations: ParticipationsOut
    sessions: SessionsOut
    seats: SeatsOut
    minutes: MinutesOut
    surveys: SurveysOut | None
    trainers: TrainersOut
    approximate: ApproximateOut


class ProjectStandingOut(BaseModel):
    """Sums over the municipalities; `unmatched_minutes` are attested and credited to no employer."""

    commitment_minutes: int
    attested_minutes: int
    claimable_minutes: int
    attainment: float | None
    unmatched_minutes: int


class ForecastOut(BaseModel):
    """Attainment at the end of the project."""

    at_end: float | None
    low: float | None
    high: float | None


class MunicipalityStandingOut(BaseModel):
    """`attainment` is a fraction with four decimals, null without a commitment."""

    code: str
    name: str
    commitment_minutes: int
    attested_minutes: int
    claimable_minutes: int
    attainment: float | None
    forecast: ForecastOut
    to_close_gap_minutes: int


class CofinancingOut(BaseModel):
    project: ProjectStandingOut
    municipalities: list[MunicipalityStandingOut]


Answer = dict[str, Any]
"""What the pure functions give; the response model describes and checks it."""
