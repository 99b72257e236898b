"""Kompetensnavet's year 2025 as a plan: the same seed and size give the same year, to the minute.

The public figures fix the frame (unique participants, women and men, hours per municipality, trainers); chance, from
the seed, fills it. Everybody who shall attend gets one seat that nothing takes away; beside them others register, wait,
cancel, fall ill or stay away, so that waiting lists move.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from infra.demo import catalogue, demand, happenings, timetable
from infra.demo.catalogue import YEAR, Course
from infra.demo.happenings import Extra
from infra.demo.plan import Cause, Mark, Moving, PlannedSession, Size, StaffRow, Substituting, Year
from infra.demo.timetable import CLUSTERS, Diary, Draft

CANCELLED_CAUSES: tuple[Cause, ...] = ("trainer-absent", "too-few", "trainer-absent")
PEOPLE_OF_A_CANCELLED_SESSION = 5
SESSION_CANCELLED_DAYS_BEFORE = 3
ATTEMPTS_TO_FIND_AN_EXTRA = 40


def plan_year(seed: int, size: Size) -> Year:
    rng = random.Random(f"{seed}/{size.name}")
    members = catalogue.municipalities()
    courses = catalogue.courses_of(YEAR)
    titles = catalogue.titles()
    team = timetable.trainers(rng, members)
    wanted = demand.draw(rng, size, members, courses, titles)
    clusters = CLUSTERS if size.clusters else (tuple(code for codes in CLUSTERS for code in codes),)
    hours = timetable.Timetable(rng, team)
    drafts = timetable.seat_all(rng, hours, wanted.wishes, wanted.staff, courses, clusters)
    extras = _Extras(rng, wanted, drafts, clusters)
    sessions = _sessions(rng, drafts, extras)
    sessions += _cancelled(rng, hours, extras, courses, clusters)
    sessions.append(_left_open(rng, hours, extras, courses, clusters))
    _spice(rng, sessions)
    _change_hands(random.Random(f"{seed}/{size.name}/hands"), extras, sessions)
    return Year(
        size=size,
        seed=seed,
        municipalities=members,
        courses=courses,
        titles=titles,
        trainers=team,
        staff=wanted.staff,
        sessions=tuple(sorted(sessions, key=lambda session: session.occasions[0].starts_at)),
    )


class _Extras:
    """Finds people for remaining seats and waiting lists: in the target group, free on the days, new to the course."""

    def __init__(
        self,
        rng: random.Random,
        wanted: demand.Demand,
        drafts: Sequence[Draft],
        clusters: Sequence[Sequence[str]],
    ) -> None:
        self._rng = rng
        self._wanted = wanted
        self._diary = Diary()
        self._courses: dict[str, set[str]] = defaultdict(set)
        for draft in drafts:
            for key in draft.wished:
                self._note(wanted.staff[key], draft.course, draft)
        self._pools = [[row for row in wanted.staff.values() if row.municipality in codes] for codes in clusters]

    def find(self, draft: Draft, count: int) -> list[Extra]:
        """So many people for a session, or as many as are found."""
        found: list[Extra] = []
        for _ in range(ATTEMPTS_TO_FIND_AN_EXTRA * count):
            if len(found) == count:
                break
            row = self._rng.choice(self._pools[draft.cluster])
            if self._suits(row, draft):
                self._note(row, draft.course, draft)
                found.append(Extra(row.key, comes=row.key not in self._wanted.absentees))
        return found

    def join(self, row: StaffRow, session: PlannedSession) -> bool:
        """Whether a person is free on a session's days, which are then taken."""
        free = self._diary.free(row.person.number, session.days)
        if free:
            self._diary.take(row.person.number, session.days)
        return free

    def substitute(self, rng: random.Random, session: PlannedSession, replaced: str) -> Extra | None:
        """Somebody of the same municipality in the place of one who was to come, if anybody is found."""
        code, course = self.row(replaced).municipality, session.course
        own = [row for row in self._wanted.staff.values() if row.municipality == code]
        for row in rng.sample(own, len(own)):
            taken = self._courses[row.person.number]
            if demand.may_attend(row, course) and course.code not in taken and self.join(row, session):
                taken.add(course.code)
                return Extra(row.key, comes=row.key not in self._wanted.absentees)
        return None

    def row(self, key: str) -> StaffRow:
        return self._wanted.staff[key]

    def _suits(self, row: StaffRow, draft: Draft) -> bool:
        number = row.person.number
        return (
            demand.may_attend(row, draft.course)
            and draft.course.code not in self._courses[number]
            and self._diary.free(number, draft.days)
        )

    def _note(self, row: StaffRow, course: Course, draft: Draft) -> None:
        self._courses[row.person.number].add(course.code)
        self._diary.take(row.person.number, draft.days)


@dataclass
class _Numbers:
    """Counts the sessions of each course."""

    counts: dict[str, int]

    def next(self, course: Course) -> int:
        self.counts[course.code] = self.counts.get(course.code, 0) + 1
        return self.counts[course.code]


def _sessions(rng: random.Random, drafts: Iterable[Draft], extras: _Extras) -> list[PlannedSession]:
    surveys = happenings.Surveys(rng)
    numbers = _Numbers({})
    sessions = []
    for draft in drafts:
        wished = draft.wished
        popular = rng.random() < 0.55
        spare = rng.randint(1, 3) if popular else rng.randint(2, 4)
        capacity = len(wished) + spare
        session = timetable.as_session(rng, draft, numbers.next(draft.course), capacity)
        others = extras.find(draft, spare + rng.randint(1, 5) if popular else rng.randint(0, spare))
        happenings.register_planned(rng, session, draft.groups)
        happenings.register_extras(rng, session, others, spare)
        happenings.mark_planned(rng, session, wished)
        happenings.mark_extras(rng, session, others)
        session.answers = surveys.answers(len(wished))
        sessions.append(session)
    return sessions


def _cancelled(
    rng: random.Random,
    hours: timetable.Timetable,
    extras: _Extras,
    courses: Sequence[Course],
    clusters: Sequence[Sequence[str]],
) -> list[PlannedSession]:
    """Sessions that are called off, with the people that had registered."""
    sessions = []
    for number, cause in enumerate(CANCELLED_CAUSES):
        course = courses[(number * 4 + 1) % len(courses)]
        draft = hours.draft(course, number % len(clusters), clusters[number % len(clusters)], number, 4, 0)
        session = timetable.as_session(rng, draft, 90 + number, timetable.seats_of(course))
        people = extras.find(draft, PEOPLE_OF_A_CANCELLED_SESSION)
        happenings.register_extras(rng, session, people, session.capacity)
        session.cancellations.clear()
        session.cancelled = (happenings.days_before(session, SESSION_CANCELLED_DAYS_BEFORE), cause)
        sessions.append(session)
    return sessions


def _left_open(
    rng: random.Random,
    hours: timetable.Timetable,
    extras: _Extras,
    courses: Sequence[Course],
    clusters: Sequence[Sequence[str]],
) -> PlannedSession:
    """A session whose trainer marked everybody and forgot to attest: its hours are attended, but nobody's proof."""
    draft = hours.draft(courses[-1], 0, clusters[0], 2, 3, 0)
    session = timetable.as_session(rng, draft, 95, timetable.seats_of(courses[-1]))
    people = extras.find(draft, PEOPLE_OF_A_CANCELLED_SESSION)
    happenings.register_extras(rng, session, people, session.capacity)
    happenings.mark_planned(rng, session, [extra.staff for extra in people])
    session.attested = False
    return session


def _spice(rng: random.Random, sessions: Sequence[PlannedSession]) -> None:
    """What paper never shows: rolls that are corrected, marks in conflict, phones that send everything twice."""
    held = [session for session in sessions if session.cancelled is None and session.attested]
    for index, session in enumerate(held):
        session.sent_twice = index % 5 == 1
        present_all_day = [key for key, marks in session.marks.items() if all(_whole(mark) for mark in marks)]
        wished = [key for registering in session.registrations for key in registering.staff if key in present_all_day]
        if index % 12 == 2 and wished:
            happenings.correct(rng, session, wished[0])
        if index % 20 == 3 and len(wished) > 1:
            happenings.contest(session, wished[1])


def _change_hands(rng: random.Random, extras: _Extras, sessions: Sequence[PlannedSession]) -> None:
    """The evening before, one gives the place to a colleague, another moves to a later session of the course."""
    held = [session for session in sessions if session.cancelled is None and session.attested and session.beside]
    for index, session in enumerate(held):
        moment, first, last = happenings.evening_before(session), session.beside[0], session.beside[-1]
        if later := _later(extras, session, held, last) if index % 3 else None:
            session.moves.append(Moving(moment, last, later.key))
            happenings.mark_extras(rng, later, [Extra(last, comes=True)])
        elif substitute := extras.substitute(rng, session, first):
            session.substitutions.append(Substituting(moment, first, substitute.staff))
            happenings.mark_extras(rng, session, [substitute])


def _later(
    extras: _Extras, session: PlannedSession, held: Sequence[PlannedSession], staff: str
) -> PlannedSession | None:
    """A later session of the same course, known by then, on whose days the person is free."""
    moment, row = happenings.evening_before(session), extras.row(staff)
    for other in held:
        later = other.course == session.course and session.ends_at < other.occasions[0].starts_at
        if later and other.planned_at < moment and extras.join(row, other):
            return other
    return None


def _whole(mark: Mark) -> bool:
    return mark.present and mark.minutes is None and mark.arrived_at is None and mark.left_at is None
