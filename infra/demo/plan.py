"""The values a planned year is made of: what will be entered, in which order, dated when.

Nothing here knows of HTTP or of identifiers that the services give: the plan speaks of keys of its own
(`TR1-03` a session, `1884-0012` a staff row, `T07` a trainer).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from infra.demo.catalogue import Course, Municipality, Title
from infra.demo.people import Person
from infra.demo.workdays import Occasion

Policy = Literal["all", "any", "at_least"]
Reason = Literal["illness", "work", "changed-job", "other"]
AbsenceReason = Literal["illness", "work", "other"]
Cause = Literal["trainer-absent", "too-few", "venue", "blackout", "other"]


@dataclass(frozen=True)
class Size:
    """How large a year: people who attend at least once, the women among them, and people who never come."""

    name: str
    attendees: int
    women: int
    absentees: int
    clusters: bool


FULL = Size("full", attendees=1834, women=1553, absentees=60, clusters=True)
SMALL = Size("small", attendees=150, women=127, absentees=8, clusters=False)
# A handful of everything: the end-to-end tests check every figure on it.
TINY = Size("tiny", attendees=48, women=40, absentees=6, clusters=False)


@dataclass(frozen=True)
class StaffRow:
    """One employment of one person; `title_text` is what the municipality writes, a code or its own words."""

    key: str
    person: Person
    municipality: str
    title: Title
    title_text: str
    workplace: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True)
class TrainerPlan:
    """A trainer with the day of KlinSim1 and the days between which they work in the project."""

    key: str
    name: str
    home_municipality: str
    qualified_on: date
    active_from: date
    active_to: date | None = None


@dataclass(frozen=True)
class Registering:
    """One call that registers one or several people."""

    at: datetime
    staff: tuple[str, ...]
    policy: Policy = "all"
    at_least: int | None = None
    waitlist: bool = True
    support_needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cancelling:
    """One person's cancellation."""

    at: datetime
    staff: str
    reason: Reason


@dataclass(frozen=True)
class Substituting:
    """Somebody of the same municipality takes a person's place."""

    at: datetime
    staff: str
    by: str


@dataclass(frozen=True)
class Moving:
    """A person moves to a later session of the same course, when a seat is free there."""

    at: datetime
    staff: str
    to: str


@dataclass(frozen=True)
class Reserving:
    """A municipality holds seats; some of them get their names at once."""

    municipality: str
    seats: int
    name_by: datetime
    named: tuple[str, ...]


@dataclass(frozen=True)
class Mark:
    """What the trainer saw of one person on one occasion; `minutes` None: from start to end, or as the times say."""

    present: bool
    minutes: int | None = None
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    reason: AbsenceReason | None = None


@dataclass(frozen=True)
class Correcting:
    """After attestation: a person's minutes on an occasion were wrong."""

    staff: str
    occasion: int
    minutes: int
    reason: str
    reason_code: str


@dataclass(frozen=True)
class Answer:
    """One paper survey answer."""

    helped: str
    confidence: int
    language_support: str


@dataclass
class PlannedSession:
    """A session with everything that will happen to it."""

    key: str
    course: Course
    host: str
    venue: str
    capacity: int
    occasions: tuple[Occasion, ...]
    trainers: tuple[str, ...]
    support: tuple[str, ...]
    planned_at: datetime
    cancellation_deadline: datetime
    registrations: list[Registering] = field(default_factory=list)
    cancellations: list[Cancelling] = field(default_factory=list)
    # People beside those who were planned to come and who would stay: whoever of them has a seat may give it up.
    beside: list[str] = field(default_factory=list)
    substitutions: list[Substituting] = field(default_factory=list)
    moves: list[Moving] = field(default_factory=list)
    reservations: list[Reserving] = field(default_factory=list)
    # People who come without a registration and say their personal number.
    walk_ins: list[str] = field(default_factory=list)
    min_participants: int | None = None
    seat_shares: Mapping[str, int] = field(default_factory=dict)
    cancelled: tuple[datetime, Cause] | None = None
    attested: bool = True
    # What each person would do if on the roll, one mark per occasion.
    marks: dict[str, tuple[Mark, ...]] = field(default_factory=dict)
    # People whom two devices mark differently; the coordinator decides for the mark in `marks`, or has not yet.
    contested: dict[str, Mark] = field(default_factory=dict)
    decided: bool = True
    corrections: list[Correcting] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    # Devices without coverage send later, in any order and more than once.
    sent_twice: bool = False

    @property
    def first_day(self) -> date:
        return self.occasions[0].day

    @property
    def days(self) -> frozenset[date]:
        return frozenset(occasion.day for occasion in self.occasions)

    @property
    def ends_at(self) -> datetime:
        return self.occasions[-1].ends_at

    @property
    def minutes(self) -> int:
        """Scheduled minutes of one person on this session."""
        return sum(occasion.minutes for occasion in self.occasions)


@dataclass(frozen=True)
class Absence:
    """A trainer is away."""

    trainer: str
    first: date
    last: date
    reason: str


@dataclass(frozen=True)
class Blackout:
    """Days on which a municipality can send nobody."""

    municipality: str
    first: date
    last: date
    reason: str


@dataclass(frozen=True)
class Fortnight:
    """What goes on around the day on which the demo runs."""

    today: date
    sessions: tuple[PlannedSession, ...]
    absence: Absence
    blackout: Blackout
    # Seats wished for in the coming term, by municipality and course.
    term: str
    wishes: Mapping[str, Mapping[str, int]]
    # Where somebody walked in whom nobody knows yet, by what name, from which municipality.
    unknown: tuple[str, str, str]

    @property
    def first(self) -> date:
        return min(session.first_day for session in self.sessions)

    @property
    def last(self) -> date:
        return max(day for session in self.sessions for day in session.days)


@dataclass(frozen=True)
class Year:
    """The whole plan."""

    size: Size
    seed: int
    municipalities: tuple[Municipality, ...]
    courses: tuple[Course, ...]
    titles: tuple[Title, ...]
    trainers: tuple[TrainerPlan, ...]
    staff: Mapping[str, StaffRow]
    sessions: tuple[PlannedSession, ...]

    @property
    def people(self) -> int:
        return len({row.person.number for row in self.staff.values()})
