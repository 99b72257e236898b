"""Who may be registered on a session (product rule 4). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from services.booking.allocation.rules import Period


class Obstacle(StrEnum):
    """Why a person may not have a seat; also the name of the problem that the caller gets."""

    ALREADY_REGISTERED = "already-registered"
    OVERLAPPING = "overlapping-registration"
    NOT_EMPLOYED = "not-employed-then"
    NOT_IN_TARGET_GROUP = "not-in-target-group"
    PREREQUISITE_MISSING = "prerequisite-missing"


OVERRIDABLE = frozenset({Obstacle.NOT_IN_TARGET_GROUP, Obstacle.PREREQUISITE_MISSING})
"""What a coordinator may set aside with a reason; never seats, never two places at once."""


@dataclass(frozen=True)
class Refusal:
    """`about` names what it is about: the missing course, the day, the other session.

    The other session is told only to whoever may see `owner`'s registrations, the municipality that booked it.
    """

    obstacle: Obstacle
    about: str | None = None
    owner: str | None = None

    def as_seen_by(self, municipality: str | None) -> "Refusal":
        """What this municipality may know of it; None: everything."""
        may_know = self.owner is None or municipality in (None, self.owner)
        return self if may_know else Refusal(self.obstacle)


@dataclass(frozen=True)
class Booked:
    """Another registration, confirmed or waiting, of the same person on a session that is not cancelled.

    `judged`: a roll of that session is attested, so its minutes and not the booking tell whether the person took part.
    `named`: as people know it, the course and the day.
    """

    registration_id: UUID
    session_id: UUID
    municipality: str
    course: str
    confirmed: bool
    judged: bool
    periods: Sequence[Period]
    named: str = ""


@dataclass(frozen=True)
class Attended:
    """Minutes on one attested roll of a course, and the minutes that the roll had for the person."""

    course: str
    minutes: int
    scheduled_minutes: int


@dataclass(frozen=True)
class Occupation:
    """What a person is employed as on the session's first day."""

    title: str
    category: str


@dataclass(frozen=True)
class Person:
    """What eligibility asks of one person; `occupation` is None without an employment in force on that day."""

    participant_id: UUID
    occupation: Occupation | None
    booked: Sequence[Booked] = ()
    attended: Sequence[Attended] = ()

    def without(self, registration_id: UUID) -> "Person":
        """The person as if that registration were given up."""
        return replace(self, booked=[each for each in self.booked if each.registration_id != registration_id])


@dataclass(frozen=True)
class Demands:
    """What a session asks of those who take part; without `categories` and `titles` everybody is in its target group.

    `prerequisite_min_share` is the dated setting of the project, between 0 and 1. `title` is the course's, `required`
    holds those of the courses that must come before: by them people know what a code stands for.
    """

    session_id: UUID
    course: str
    first_day: date
    periods: Sequence[Period]
    categories: frozenset[str]
    titles: frozenset[str]
    requires: Sequence[str]
    prerequisite_min_share: Fraction
    title: str = ""
    titles_in_words: Sequence[str] = ()
    required: Mapping[str, str] = field(default_factory=dict)

    @property
    def starts_at(self) -> datetime:
        return min(period.starts_at for period in self.periods)


def refusal(person: Person, demands: Demands, *, overridden: bool = False) -> Refusal | None:
    """The first thing that keeps a person from this session, or None."""
    for found in _refusals(person, demands):
        if not (overridden and found.obstacle in OVERRIDABLE):
            return found
    return None


def _refusals(person: Person, demands: Demands) -> Iterable[Refusal]:
    if any(other.session_id == demands.session_id for other in person.booked):
        yield Refusal(Obstacle.ALREADY_REGISTERED)
    for other in person.booked:
        if other.session_id != demands.session_id and _overlap(other.periods, demands.periods):
            yield Refusal(Obstacle.OVERLAPPING, other.named or other.course, other.municipality)
    if person.occupation is None:
        yield Refusal(Obstacle.NOT_EMPLOYED, demands.first_day.isoformat())
    elif not in_target_group(person.occupation, demands):
        yield Refusal(Obstacle.NOT_IN_TARGET_GROUP, _for_whom(demands))
    for course in demands.requires:
        if not has_prerequisite(person, course, demands):
            yield Refusal(Obstacle.PREREQUISITE_MISSING, demands.required.get(course, course))


def _for_whom(demands: Demands) -> str:
    name = demands.title or demands.course
    return f"{name} ({', '.join(demands.titles_in_words)})" if demands.titles_in_words else name


def _overlap(some: Sequence[Period], others: Sequence[Period]) -> bool:
    return any(one.overlaps(other) for one in some for other in others)


def in_target_group(occupation: Occupation, demands: Demands) -> bool:
    """The category is one of the course's and, where the course names titles, so is the title."""
    category_fits = not demands.categories or occupation.category in demands.categories
    return category_fits and (not demands.titles or occupation.title in demands.titles)


def has_prerequisite(person: Person, course: str, demands: Demands) -> bool:
    """Attended on an attested roll for a sufficient share, or confirmed on a session of it that ends before.

    A confirmed place counts only until the roll is attested: from then on the minutes tell.
    """
    enough = any(
        item.course == course
        and item.minutes > 0
        and item.minutes >= demands.prerequisite_min_share * item.scheduled_minutes
        for item in person.attended
    )
    return enough or any(
        other.course == course
        and other.confirmed
        and not other.judged
        and all(period.ends_at <= demands.starts_at for period in other.periods)
        for other in person.booked
    )
