"""The planner: sessions for what is wished, on days when everybody who gets seats can come. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import floor


class Reason(StrEnum):
    """Why a wish has no session."""

    NO_WORKING_DAY = "no-working-day"
    BLACKOUT = "blackout"


@dataclass(frozen=True)
class Wish:
    """Seats that a municipality wishes for on a course."""

    course: str
    municipality: str
    seats: int


@dataclass(frozen=True)
class Planned:
    """A proposed session: held where most of its people work."""

    course: str
    host_municipality: str
    date: date
    capacity: int
    seats: Mapping[str, int]


@dataclass(frozen=True)
class Unplaced:
    """What is left of a wish, and why."""

    course: str
    municipality: str
    seats: int
    reason: Reason


@dataclass(frozen=True)
class Calendar:
    """The working days that can be planned, in order, and those that a municipality has closed."""

    days: Sequence[date]
    closed: Mapping[str, Collection[date]]
    _found: dict[frozenset[str], Sequence[int]] = field(default_factory=dict, init=False, compare=False)

    def open_for(self, municipalities: Iterable[str]) -> Sequence[int]:
        """The places in `days` of those on which all of them can come."""
        together = frozenset(municipalities)
        if together not in self._found:
            shut = set().union(*(self.closed.get(code, ()) for code in together))
            self._found[together] = [place for place, day in enumerate(self.days) if day not in shut]
        return self._found[together]


@dataclass
class Group:
    """Who goes together: seats by municipality, and when all of them can."""

    seats: dict[str, int]
    open: Sequence[int]

    @property
    def host(self) -> str:
        return min(self.seats, key=lambda code: (-self.seats[code], code))


@dataclass
class Planner:
    """Plans course after course; a municipality hosts as few sessions a day as can be."""

    calendar: Calendar
    hosted: Counter[tuple[str, int]] = field(default_factory=Counter)
    planned: list[Planned] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)

    def add(self, course: str, wishes: Mapping[str, int], size: int) -> None:
        """Sessions of one course for the seats wished for by municipality."""
        possible: dict[str, int] = {}
        for code, seats in sorted(wishes.items()):
            if self.calendar.open_for([code]):
                possible[code] = seats
            else:
                reason = Reason.BLACKOUT if self.calendar.days else Reason.NO_WORKING_DAY
                self.unplaced.append(Unplaced(course, code, seats, reason))
        groups = together(possible, size, self.calendar)
        for number, group in enumerate(groups):
            place = self._place(group, 2 * number + 1, 2 * len(groups))
            self.hosted[group.host, place] += 1
            day = self.calendar.days[place]
            self.planned.append(Planned(course, group.host, day, size, dict(sorted(group.seats.items()))))

    def _place(self, group: Group, part: int, parts: int) -> int:
        """The open day on which the host has least, of these the nearest to where an even spread puts the session.

        Distances are counted in days divided by `parts`: whole numbers.
        """
        host, ideal = group.host, part * len(self.calendar.days)
        return min(group.open, key=lambda place: (self.hosted[host, place], abs(place * parts - ideal), place))


def together(wishes: Mapping[str, int], size: int, calendar: Calendar) -> list[Group]:
    """Groups of at most `size`: who fills sessions alone does; what is left over goes together, the largest first,
    where there is room and a common day. What is left of one municipality is not torn apart.
    """
    full: list[Group] = []
    shared: list[Group] = []
    left: dict[str, int] = {}
    for code, seats in wishes.items():
        full += [Group({code: size}, calendar.open_for([code])) for _ in range(seats // size)]
        left[code] = seats % size
    for code, seats in sorted(left.items(), key=lambda each: (-each[1], each[0])):
        if seats and not _joined(shared, code, seats, size, calendar):
            shared.append(Group({code: seats}, calendar.open_for([code])))
    return full + shared


def _joined(groups: Iterable[Group], code: str, seats: int, size: int, calendar: Calendar) -> bool:
    for group in groups:
        if sum(group.seats.values()) + seats <= size:
            common = calendar.open_for([*group.seats, code])
            if common:
                group.seats[code], group.open = seats, common
                return True
    return False


def plan(wishes: Iterable[Wish], sizes: Mapping[str, int], calendar: Calendar) -> tuple[list[Planned], list[Unplaced]]:
    """Sessions in order of their day, and what has none. `sizes`: seats of a session by course."""
    by_course: dict[str, Counter[str]] = defaultdict(Counter)
    for wish in wishes:
        if wish.seats:
            by_course[wish.course][wish.municipality] += wish.seats
    planner = Planner(calendar)
    for course, seats in sorted(by_course.items()):
        planner.add(course, seats, sizes[course])
    return sorted(planner.planned, key=lambda each: (each.date, each.host_municipality, each.course)), planner.unplaced


def attainment(minutes: int, commitment: int) -> float | None:
    """Minutes as a fraction of the commitment, four decimals, rounded half up; None without one."""
    return floor(Fraction(minutes, commitment) * 10_000 + Fraction(1, 2)) / 10_000 if commitment else None


def median(capacities: Sequence[int], default: int) -> int:
    """The middle of several capacities, half up; the default when there are none."""
    if not capacities:
        return default
    ordered, half = sorted(capacities), len(capacities) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half] + 1) // 2
