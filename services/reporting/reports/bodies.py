"""What reports look like over HTTP."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.reporting.reports.periods import is_period
from shared.web.bodies import Body
from shared.web.sentences import wrong
from shared.web.times import ShownTime

Kind = Literal[
    "progress", "attendance-certificates", "participants", "statistics-file", "municipality", "evaluation", "final"
]
State = Literal["queued", "building", "frozen", "failed"]
Heading = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")
]
Markdown = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$")]


def _a_period(written: str) -> str:
    if not is_period(written):
        raise wrong(
            "not_a_period",
            "Skriv perioden som 2025, 2025Q4 eller 2025-11.",
            "Write the period as 2025, 2025Q4 or 2025-11.",
        )
    return written


WrittenPeriod = Annotated[str, AfterValidator(_a_period), Field(description="2025, 2025Q4, 2025-11 or project.")]


class ReportBody(Body):
    """An order. `texts` are the project office's own words: heading → Markdown."""

    kind: Kind
    period: WrittenPeriod
    municipality: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = None
    language: Literal["sv", "en"] = "sv"
    texts: dict[Heading, Markdown] = Field(default_factory=dict, max_length=20)
    supersedes: UUID | None = None


class ReportShown(BaseModel):
    """A report. `cut_off` is `{topic: {partition: next offset}}`; `hash` is there once it is frozen, `reason` when it
    failed.
    """

    id: UUID
    kind: Kind
    version: int
    supersedes: UUID | None
    superseded_by: UUID | None
    period: str
    municipality: str | None
    language: Literal["sv", "en"]
    texts: dict[str, str]
    created_at: ShownTime
    cut_off: dict[str, dict[str, int]]
    state: State
    reason: str | None
    hash: str | None
    frozen_at: ShownTime | None


class RowsShown(BaseModel):
    """The stored rows behind a report's figures: how many, their hash, and those that the report lists."""

    count: int
    hash: str
    lists: list[dict[str, Any]] = []


class DocumentShown(BaseModel):
    """A frozen report as its JSON file states it. `hash` is the SHA-256 of all the rest, with sorted keys and without
    spaces.
    """

    id: UUID
    kind: Kind
    version: int
    supersedes: UUID | None
    period: str
    municipality: str | None
    language: Literal["sv", "en"]
    texts: dict[str, str]
    created_at: str
    cut_off: dict[str, dict[str, int]]
    data_as_of: str | None
    rule_versions: dict[str, Any]
    rows: RowsShown
    figures: dict[str, Any]
    cofinancing: dict[str, Any]
    months: list[dict[str, Any]]
    names: dict[str, Any]
    given: dict[str, Any] = {}
    hash: str


class ToFixShown(BaseModel):
    """A required column of the statistics file that stays empty for a person: `missing`, or `no-code` where the
    template has no code for what is known.
    """

    participant_id: UUID
    field: str
    reason: Literal["missing", "no-code"]


class StatisticsCheckShown(BaseModel):
    """What the statistics file of a period would lack by now; `template` is the version that it takes."""

    template: str
    ready: bool
    to_fix: list[ToFixShown]


class HeadingShown(BaseModel):
    """A heading of a report's texts: its name here, its title and what belongs under it, by language."""

    heading: str
    title: dict[str, str]
    help: dict[str, str]


class FormShown(BaseModel):
    """What may be written into a kind of report."""

    headings: list[HeadingShown]


class VerdictShown(BaseModel):
    """What checking a report against its stored rows found."""

    reconciles: bool
    hash_matches: bool
    problems: list[str]


class ChangeShown(BaseModel):
    """A figure that differs between two reports, and the events that it comes from."""

    figure: str
    old: Any
    new: Any
    cause: list[str]


class ChangesShown(BaseModel):
    """What differs between two reports, and the months to send again."""

    changes: list[ChangeShown]
    resend: list[str]
