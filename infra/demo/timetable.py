"""When, where and by whom the wished courses are held: sessions with seats for everybody who will come."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from infra.demo.catalogue import SIMULATION_COURSES, Course, Municipality
from infra.demo.demand import Wish
from infra.demo.people import FAMILIES, MEN, WOMEN
from infra.demo.plan import PlannedSession, StaffRow, TrainerPlan
from infra.demo.workdays import AUTUMN_TERM, FULL_DAY_MINUTES, SPRING_TERM, Occasion, at, occasions_on, workdays

# Municipalities that send their staff to each other's sessions.
CLUSTERS: tuple[tuple[str, ...], ...] = (
    ("1880", "1881", "1861", "1814", "1860", "1882"),
    ("1883", "1862"),
    ("1885", "1884", "1863", "1864"),
)
SIMULATION_SEATS = 12
SEATS = 20
# Seats beyond the planned participants: for those who cancel, fall ill, or stay away.
SPARE_SEATS = 2
LARGEST_GROUP = 6
VENUES = ("Kunskapshuset", "Lärcentrum", "Folkets hus", "Metodrummet")
FIRST_PLANNING_DAY = date(2025, 1, 7)
PLANNED_DAYS_BEFORE = 50
CANCELLATION_DAYS = 7


@dataclass
class Draft:
    """A session under planning: its days are set, its seats fill up."""

    course: Course
    cluster: int
    host: str
    occasions: tuple[Occasion, ...]
    trainers: tuple[str, ...]
    seats_for_wishes: int
    groups: list[list[str]] = field(default_factory=list)

    @property
    def days(self) -> frozenset[date]:
        return frozenset(occasion.day for occasion in self.occasions)

    @property
    def wished(self) -> list[str]:
        return [staff for group in self.groups for staff in group]


class Diary:
    """Which days somebody is taken."""

    def __init__(self) -> None:
        self._days: dict[str, set[date]] = defaultdict(set)

    def free(self, who: str, days: Iterable[date]) -> bool:
        return self._days[who].isdisjoint(days)

    def take(self, who: str, days: Iterable[date]) -> None:
        self._days[who].update(days)


def trainers(rng: random.Random, members: Sequence[Municipality]) -> tuple[TrainerPlan, ...]:
    """Twenty through KlinSim1: ten teach on, three leave during the year, seven begin only in 2026."""
    leaving = (date(2025, 6, 30), date(2025, 9, 1), date(2025, 12, 1))
    plans = []
    for number in range(1, 21):
        later, leaves = number > 13, 10 < number <= 13
        plans.append(
            TrainerPlan(
                key=f"T{number:02d}",
                name=f"{rng.choice(MEN if number % 6 == 0 else WOMEN)} {rng.choice(FAMILIES)}",
                home_municipality=members[number % len(members)].code,
                qualified_on=date(2025, 10, number) if later else date(2025, 1, 13 + number % 10),
                active_from=date(2026, 1, 12) if later else date(2025, 1, 2),
                active_to=leaving[number - 11] if leaves else None,
            )
        )
    return tuple(plans)


class Timetable:
    """Places sessions on working days with free, qualified trainers."""

    def __init__(self, rng: random.Random, team: Sequence[TrainerPlan]) -> None:
        self._rng = rng
        self._team = team
        self._diary = Diary()
        self._load: dict[str, int] = defaultdict(int)

    def draft(self, course: Course, cluster: int, hosts: Sequence[str], part: int, parts: int, seats: int) -> Draft:
        """The `part`th of `parts` deliveries of a course, spread over its terms."""
        days_open = _days_of(course)
        first = (len(days_open) * part + self._rng.randrange(max(1, len(days_open) // 2))) // parts
        halves = course.duration_minutes >= FULL_DAY_MINUTES and part % 4 == 3
        for shift in range(len(days_open)):
            days = _pick(days_open, (first + shift) % len(days_open), halves)
            team = self._free_team(course, days)
            if team:
                return self._take(course, cluster, hosts[part % len(hosts)], days, team, seats)
        raise RuntimeError(f"no working day with a free trainer is left for course {course.code}")

    def _take(self, course: Course, cluster: int, host: str, days: list[date], team: list[str], seats: int) -> Draft:
        for trainer in team:
            self._diary.take(trainer, days)
            self._load[trainer] += 1
        morning = self._rng.random() < 0.6
        occasions = occasions_on(days, course.duration_minutes, morning=morning)
        return Draft(course, cluster, host, occasions, tuple(team), seats)

    def _free_team(self, course: Course, days: list[date]) -> list[str]:
        """Those with the fewest sessions first; a simulation has two when two are free."""
        free = [t.key for t in self._team if _works(t, course, days) and self._diary.free(t.key, days)]
        free.sort(key=lambda key: (self._load[key], key))
        return free[: 2 if course.code == "TR1" else 1]


def seat_all(
    rng: random.Random,
    timetable: Timetable,
    wishes: Sequence[Wish],
    staff: Mapping[str, StaffRow],
    courses: Sequence[Course],
    clusters: Sequence[Sequence[str]],
) -> list[Draft]:
    """Give every wish a seat on a day on which the person is free; groups of one municipality stay together."""
    cluster_of = {code: index for index, codes in enumerate(clusters) for code in codes}
    diary = Diary()
    drafts: list[Draft] = []
    for course in courses:
        for cluster, hosts in enumerate(clusters):
            keys = [w.staff for w in wishes if w.course == course.code]
            keys = [key for key in keys if cluster_of[staff[key].municipality] == cluster]
            seats = seats_of(course) - SPARE_SEATS
            parts = -(-len(keys) // seats)
            found = [timetable.draft(course, cluster, hosts, part, parts, seats) for part in range(parts)]
            for group in _groups(rng, keys, staff):
                _seat(found, group, staff, diary)
            drafts += [draft for draft in found if draft.groups]
    return drafts


def seats_of(course: Course) -> int:
    """Simulation needs small groups."""
    return SIMULATION_SEATS if course.code in SIMULATION_COURSES else SEATS


def as_session(rng: random.Random, draft: Draft, number: int, capacity: int) -> PlannedSession:
    """The session that the coordinator will plan."""
    first = draft.occasions[0].day
    support = ("language_support",) if rng.random() < 0.25 else ("sign_interpreter",) if rng.random() < 0.03 else ()
    return PlannedSession(
        key=f"{draft.course.code}-{number:02d}",
        course=draft.course,
        host=draft.host,
        venue=rng.choice(VENUES),
        capacity=capacity,
        occasions=draft.occasions,
        trainers=draft.trainers,
        support=support,
        planned_at=planned_at(first),
        cancellation_deadline=at(first - timedelta(days=CANCELLATION_DAYS), 12),
    )


def planned_at(first: date) -> datetime:
    """Some weeks before, but not before the project office began its work."""
    return at(max(first - timedelta(days=PLANNED_DAYS_BEFORE), FIRST_PLANNING_DAY), 9)


def _days_of(course: Course) -> list[date]:
    autumn = workdays(*AUTUMN_TERM)
    # The first simulations wait for the first trainers through KlinSim1.
    first = date(2025, 3, 3) if course.needs_qualification else SPRING_TERM[0]
    return autumn if course.term.endswith("H2") else workdays(first, SPRING_TERM[1]) + autumn


def _pick(days_open: list[date], index: int, halves: bool) -> list[date]:
    day = days_open[index]
    if not halves or index + 5 >= len(days_open):
        return [day]
    return [day, days_open[index + 5]]


def _works(trainer: TrainerPlan, course: Course, days: list[date]) -> bool:
    if course.needs_qualification and trainer.qualified_on >= days[0]:
        return False
    return trainer.active_from <= days[0] and (trainer.active_to is None or days[-1] < trainer.active_to)


def _groups(rng: random.Random, keys: Sequence[str], staff: Mapping[str, StaffRow]) -> Iterator[list[str]]:
    """Colleagues of one municipality, one to six together; the order between municipalities is mixed."""
    by_municipality: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        by_municipality[staff[key].municipality].append(key)
    groups = []
    for members in by_municipality.values():
        while members:
            size = rng.randint(1, LARGEST_GROUP)
            groups.append(members[:size])
            del members[:size]
    rng.shuffle(groups)
    yield from groups


def _seat(drafts: Sequence[Draft], group: list[str], staff: Mapping[str, StaffRow], diary: Diary) -> None:
    """The emptiest session that takes the whole group; else one by one."""
    for draft in sorted(drafts, key=lambda d: len(d.wished)):
        roomy = len(draft.wished) + len(group) <= draft.seats_for_wishes
        if roomy and all(diary.free(staff[key].person.number, draft.days) for key in group):
            draft.groups.append(group)
            for key in group:
                diary.take(staff[key].person.number, draft.days)
            return
    if len(group) > 1:
        for key in group:
            _seat(drafts, [key], staff, diary)
