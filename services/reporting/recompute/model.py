"""The facts of a cut-off as frozen, pseudonymous values: everything that a figure may depend on, and nothing else.

Ids are strings as the events carry them. Times are aware UTC; days are local days (Europe/Stockholm).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from services.reporting.days import Period
from shared.clock import local_day

_day_of = lru_cache(maxsize=100_000)(local_day)  # each row of an occasion asks for its day

UNMATCHED: Final = "unmatched"
"""Key of a distribution for what no employment in force can be found for; only present when it is not empty."""

CutOff = Mapping[str, Mapping[str, int]]
"""Topic -> partition -> the offset that is read next: the facts are those below it."""


FIGURES_VERSION: Final = 4
"""Rises when the meaning of a figure changes, so that two reports that differ by rule can be told from two that
differ by data.
"""
KNOWN_VERSIONS: Final = (2, 3, FIGURES_VERSION)
"""2 looked ahead from the end of the period, also while it was under way; it took a seat for cancelled in time though
the session had begun, and for a no-show whoever had it then and stood on no roll. 3 took the seat of a walk-in that was
taken back afterwards for cancelled in time, also of one who was there.
"""


@dataclass(frozen=True, slots=True)
class Occasion:
    occasion_id: str
    starts_at: datetime
    ends_at: datetime
    break_minutes: int

    @property
    def day(self) -> date:
        """The local day on which it begins: minutes belong to it."""
        return _day_of(self.starts_at)

    def minutes(self, *, breaks_counted: bool) -> int:
        length = int((self.ends_at - self.starts_at).total_seconds()) // 60
        return length if breaks_counted else max(0, length - self.break_minutes)


@dataclass(frozen=True, slots=True)
class Session:
    """The latest state of a session.

    `former` are occasions that a rescheduling took away: minutes sealed on them keep their day.
    """

    session_id: str
    course: str
    host_municipality: str
    capacity: int
    occasions: tuple[Occasion, ...]
    former: tuple[Occasion, ...] = ()
    cancelled: bool = False
    cause: str | None = None
    event_id: str = ""

    @property
    def starts_at(self) -> datetime:
        """Start of the first occasion."""
        return min(occasion.starts_at for occasion in self.occasions)

    @property
    def last_day(self) -> date:
        """Day of the last occasion: sessions and seats belong to it."""
        return max(self.occasions, key=lambda occasion: occasion.starts_at).day


@dataclass(frozen=True, slots=True)
class RegistrationStep:
    """One event of a registration: `at` is when it happened (ce_time), `sequence` its place among the session's."""

    sequence: int
    at: datetime
    status: str
    """confirmed | waitlisted | cancelled | moved-out | substituted"""
    via: str | None = None
    was: str | None = None
    late: bool = False
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """One person on one session with its whole history, in order of sequence (never empty)."""

    registration_id: str
    session_id: str
    participant_id: str
    municipality: str
    employment_id: str
    steps: tuple[RegistrationStep, ...]

    @property
    def latest(self) -> RegistrationStep:
        return self.steps[-1]

    @property
    def confirmed(self) -> bool:
        return self.latest.status == "confirmed"

    @property
    def via(self) -> str | None:
        """How the seat was given the last time it was given."""
        return next((step.via for step in reversed(self.steps) if step.status == "confirmed"), None)

    @property
    def gave_its_seat_up(self) -> bool:
        """Cancelled with a seat, or moved from it to another session."""
        last, before = self.latest, self.steps[-2:-1]
        if last.status == "moved-out":
            return any(step.status == "confirmed" for step in before)
        return last.status == "cancelled" and last.was == "confirmed"

    @property
    def cancelled_late(self) -> bool:
        return self.gave_its_seat_up and self.latest.late

    def left_after(self, moment: datetime) -> bool:
        return self.gave_its_seat_up and self.latest.at > moment

    @property
    def before_the_last_step(self) -> Registration:
        return replace(self, steps=self.steps[:-1])

    def confirmed_at(self, moment: datetime) -> bool:
        """Whether it held a seat at that moment, by when things happened: a later cancellation does not undo it."""
        past = [step for step in self.steps if step.at <= moment]
        return bool(past) and past[-1].status == "confirmed"


@dataclass(frozen=True, slots=True)
class SealedMinutes:
    """A person's line on a sealed roll."""

    participant_id: str
    occasion_id: str
    minutes: int
    excused: bool


@dataclass(frozen=True, slots=True)
class Roll:
    """A roll that is attested now. A reopened roll is no roll until it is attested again."""

    session_id: str
    roll_version: int
    sealed_hash: str
    lines: tuple[SealedMinutes, ...]
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """The current mark of a person on an occasion, attested or not."""

    session_id: str
    participant_id: str
    occasion_id: str
    minutes: int
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class SignedMinutes:
    """A line of a person's signed month that has not been voided."""

    participant_id: str
    month: str
    session_id: str
    occasion_id: str
    minutes: int
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class HeadCount:
    session_id: str
    occasion_id: str
    count: int
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class SurveyInvitation:
    session_id: str
    audience: str
    invited: int
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    session_id: str
    audience: str
    answers: Mapping[str, Any]
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Employment:
    """An employment as it stood from `valid_from` to `valid_to`, both inclusive; a new title is a further value."""

    employment_id: str
    municipality: str
    title: str
    category: str
    kind: str
    valid_from: date
    valid_to: date | None = None

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Person:
    """An erased person keeps an age group instead of a birth year, so that figures stay."""

    participant_id: str
    gender: str
    birth_year: int | None
    age_group: str | None
    employments: tuple[Employment, ...]
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Merge:
    """Two participants were found to be one: `participant_id` is read as `into`."""

    participant_id: str
    into: str
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class FirstDay:
    """The first day on which somebody attended, where it lies before the days that a report takes."""

    participant_id: str
    day: date
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Minutes of a month outside the days that a report takes, credited to one municipality (or `unmatched`)."""

    month: str
    municipality: str
    attested: int
    recent: int
    """attested within the days of the forecast's recent pace"""
    claimable: int
    scheduled: int


@dataclass(frozen=True, slots=True)
class Commitment:
    minutes: int
    valid_from: date


@dataclass(frozen=True, slots=True)
class Municipality:
    code: str
    name: str
    commitments: tuple[Commitment, ...]
    event_id: str = ""

    def commitment_on(self, day: date) -> int:
        """Minutes promised for the whole project, as the promise stands on that day."""
        in_force = sorted((one for one in self.commitments if one.valid_from <= day), key=lambda one: one.valid_from)
        return in_force[-1].minutes if in_force else 0


@dataclass(frozen=True, slots=True)
class Qualification:
    code: str
    obtained_on: date


@dataclass(frozen=True, slots=True)
class Trainer:
    trainer_id: str
    qualifications: tuple[Qualification, ...]
    home_municipality: str
    active_from: date | None = None
    active_to: date | None = None
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    code: str
    title: str
    duration_minutes: int
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    key: str
    value: Any
    valid_from: date


@dataclass(frozen=True, slots=True)
class Project:
    name: str
    period: Period | None
    commitment_minutes: int
    settings: tuple[Setting, ...]
    event_id: str = ""

    def setting_on(self, key: str, day: date) -> Any:
        """The value in force on that day, or None when the project has not decided it."""
        in_force = sorted(
            (one for one in self.settings if one.key == key and one.valid_from <= day), key=lambda one: one.valid_from
        )
        return in_force[-1].value if in_force else None


class DatedSetting:
    """A setting of the project by day, looked up once for each day."""

    def __init__(self, project: Project, key: str) -> None:
        self._project, self._key = project, key
        self._known: dict[date, Any] = {}

    def on(self, day: date) -> Any:
        """The value in force on that day, or None."""
        if day not in self._known:
            self._known[day] = self._project.setting_on(self._key, day)
        return self._known[day]


@dataclass(frozen=True, eq=False)
class Facts:
    """The latest of each thing below a cut-off: everything, or what the days of a report take (see `narrow`).

    Compared by identity: an index is kept per value.
    """

    project: Project
    courses: tuple[Course, ...] = ()
    municipalities: tuple[Municipality, ...] = ()
    trainers: tuple[Trainer, ...] = ()
    persons: tuple[Person, ...] = ()
    merges: tuple[Merge, ...] = ()
    sessions: tuple[Session, ...] = ()
    registrations: tuple[Registration, ...] = ()
    rolls: tuple[Roll, ...] = ()
    marks: tuple[Mark, ...] = ()
    signatures: tuple[SignedMinutes, ...] = ()
    head_counts: tuple[HeadCount, ...] = ()
    invitations: tuple[SurveyInvitation, ...] = ()
    answers: tuple[SurveyAnswer, ...] = ()
    first_days: tuple[FirstDay, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    taken: Period | None = None
    """The days whose rows these are; None: everything is here."""
    cut_off: CutOff = field(default_factory=dict)
    data_as_of: datetime | None = None
    """When the latest of these facts was recorded."""
    rules: int = FIGURES_VERSION
    """By which version of the rules they are counted."""

    def takes(self, day: date) -> bool:
        return self.taken is None or day in self.taken

    def is_before(self, sums: Elsewhere) -> bool:
        """Whether they are of a month before the days taken, which begin with a month."""
        return self.taken is not None and sums.month < f"{self.taken.first:%Y-%m}"
