"""Who takes which courses: as many people and hours per municipality as its attainment asks for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from infra.demo.catalogue import Course, Municipality, Title, shares
from infra.demo.people import Person, Population
from infra.demo.plan import FULL, Size, StaffRow

# Share of a hundred care workers by title (illustrative; nursing assistants are the large majority).
TITLE_WEIGHTS = {
    "assistant_nurse": 55,
    "support_assistant": 13,
    "care_assistant": 12,
    "service_assistant": 3,
    "specialist_assistant_nurse": 4,
    "support_educator": 2,
    "nurse": 6,
    "occupational_therapist": 2,
    "physiotherapist": 2,
    "unit_manager": 1,
}
# The first step of "Trygg i rollen" is the project's main course.
COURSE_WEIGHTS = {"TR1": 6, "DEM": 3, "VSL": 3}
USUAL_WEIGHT = 2
MOST_COURSES_OF_ONE_PERSON = 4
WORKPLACES = ("Hemtjänsten", "Äldreboendet Solgården", "Natthemtjänsten", "Gruppbostaden Eken", "Korttidsboendet")
TWO_EMPLOYERS = 6
# Planned hours per hour aimed at: people who come from the waiting list add more than partial attendance takes away.
PLANNED_PER_AIMED = Fraction(971, 1000)


@dataclass(frozen=True)
class Wish:
    """One person on one course: this participation will take place."""

    staff: str
    course: str


@dataclass(frozen=True)
class Demand:
    """Everybody's employments, the participations of those who come, and the keys of those who never do."""

    staff: dict[str, StaffRow]
    wishes: list[Wish]
    absentees: frozenset[str]


def draw(
    rng: random.Random,
    size: Size,
    members: Sequence[Municipality],
    courses: Sequence[Course],
    titles: Sequence[Title],
) -> Demand:
    """Draw the county's staff and what they want; minutes per municipality follow its attainment."""
    county = _County(rng, titles)
    targets = _target_minutes(size, members)
    genders = ["woman"] * size.women + ["man"] * (size.attendees - size.women)
    rng.shuffle(genders)
    wishes: list[Wish] = []
    for member, head_count, minutes in zip(members, _head_counts(size, targets), targets, strict=True):
        rows = [county.employ(member, genders.pop()) for _ in range(head_count)]
        wishes += _wishes(rng, rows, courses, minutes)
    wishes = _second_employers(rng, county, members, wishes)
    absentees = [county.employ(rng.choice(members), rng.choice(("woman", "man"))) for _ in range(size.absentees)]
    return Demand(county.staff, wishes, frozenset(row.key for row in absentees))


def may_attend(row: StaffRow, course: Course) -> bool:
    """The course's target group contains the person's category."""
    return row.title.category in course.categories


def _target_minutes(size: Size, members: Sequence[Municipality]) -> list[int]:
    scale = PLANNED_PER_AIMED * size.attendees / FULL.attendees
    return [int(m.attainment * m.commitment_minutes * scale) for m in members]


def _head_counts(size: Size, targets: Sequence[int]) -> list[int]:
    """People in proportion to the hours, at least two of each municipality."""
    least = 2
    spread = shares(size.attendees - least * len(targets), targets)
    return [least + extra for extra in spread]


def _wishes(rng: random.Random, rows: Sequence[StaffRow], courses: Sequence[Course], minutes: int) -> list[Wish]:
    """One course for everybody, then more for some, until the minutes are reached."""
    taken: dict[str, set[str]] = {row.key: set() for row in rows}
    wishes: list[Wish] = []
    left = minutes
    while len(wishes) < len(rows) or left > 0:
        row = rows[len(wishes)] if len(wishes) < len(rows) else rng.choice(rows)
        possible = [c for c in courses if may_attend(row, c) and c.code not in taken[row.key]]
        if len(taken[row.key]) >= MOST_COURSES_OF_ONE_PERSON or not possible:
            if all(len(codes) >= MOST_COURSES_OF_ONE_PERSON for codes in taken.values()):
                break
            continue
        course = rng.choices(possible, [COURSE_WEIGHTS.get(c.code, USUAL_WEIGHT) for c in possible])[0]
        taken[row.key].add(course.code)
        wishes.append(Wish(row.key, course.code))
        left -= course.duration_minutes
    return wishes


def _second_employers(
    rng: random.Random, county: _County, members: Sequence[Municipality], wishes: list[Wish]
) -> list[Wish]:
    """A few work in two municipalities at once: their second course is credited to the other employer."""
    seen: set[str] = set()
    moved = 0
    result = []
    for wish in wishes:
        if wish.staff in seen and moved < TWO_EMPLOYERS and rng.random() < 0.2:
            moved += 1
            result.append(Wish(county.also_employ(rng, members, wish.staff).key, wish.course))
        else:
            seen.add(wish.staff)
            result.append(wish)
    return result


class _County:
    """Hires generated people and numbers their staff rows per municipality."""

    def __init__(self, rng: random.Random, titles: Sequence[Title]) -> None:
        self._rng = rng
        self._population = Population(rng)
        self._titles = titles
        self._weights = [TITLE_WEIGHTS[title.code] for title in titles]
        self._numbers: dict[str, int] = {}
        self.staff: dict[str, StaffRow] = {}

    def employ(self, member: Municipality, gender: str) -> StaffRow:
        title = self._rng.choices(self._titles, self._weights)[0]
        return self._add(self._row(member.code, self._population.person(gender), title))

    def also_employ(self, rng: random.Random, members: Sequence[Municipality], staff: str) -> StaffRow:
        first = self.staff[staff]
        other = rng.choice([m for m in members if m.code != first.municipality])
        return self._add(replace(first, key=self._key(other.code), municipality=other.code, workplace="Poolen"))

    def _row(self, municipality: str, person: Person, title: Title) -> StaffRow:
        rng = self._rng
        return StaffRow(
            key=self._key(municipality),
            person=person,
            municipality=municipality,
            title=title,
            title_text=_as_written(rng, title),
            workplace=rng.choice(WORKPLACES),
            valid_from=date(rng.randint(2012, 2024), rng.randint(1, 12), 1),
        )

    def _key(self, municipality: str) -> str:
        self._numbers[municipality] = self._numbers.get(municipality, 0) + 1
        return f"{municipality}-{self._numbers[municipality]:04d}"

    def _add(self, row: StaffRow) -> StaffRow:
        self.staff[row.key] = row
        return row


def _as_written(rng: random.Random, title: Title) -> str:
    """Municipalities write a title as code, in Swedish, or in their own words; none of it is refused."""
    drawn = rng.random()
    if drawn < 0.5:
        return title.code
    return title.title_sv if drawn < 0.97 else f"{title.title_sv} natt"
