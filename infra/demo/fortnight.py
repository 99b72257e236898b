"""The fortnight around today as a plan: what was a few days ago, what is on today, and what lies ahead.

Planned from the day alone, after the year is in the book: whoever attended a course then may take the next one now.
What lies in the past is dated; all else happens when the demo runs, so that mails go out and deadlines run.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from infra.demo import happenings
from infra.demo.book import Book
from infra.demo.catalogue import YEAR, Course, courses_after
from infra.demo.demand import may_attend
from infra.demo.plan import (
    Absence,
    Blackout,
    Cancelling,
    Fortnight,
    Mark,
    Moving,
    PlannedSession,
    Registering,
    Reserving,
    StaffRow,
    Substituting,
)
from infra.demo.recomputation import participations
from infra.demo.timetable import CANCELLATION_DAYS, VENUES, Diary
from infra.demo.workdays import at, coming_term, occasions_on, workday_from
from infra.local.identity import DEMO_USERS

HOME = next(user.municipality for user in DEMO_USERS if user.municipality)
"""The municipality of the demo's municipal user: there everything happens that such a user can meet."""
TRAINER = "T01"
"""The trainer as whom the demo's trainer signs in: taught yesterday, teaches today and tomorrow."""
KNOWN_DAYS_BEFORE = 30
BOOKED_DAYS_BEFORE = 20
OTHERS_IN_A_GROUP = 2


@dataclass(frozen=True)
class Sketch:
    """A session by the working days from today, its trainers, people of HOME and of others, seats left."""

    offset: int
    course: str
    trainers: tuple[str, ...]
    own: int
    others: int
    spare: int = 4
    waiting: bool = False


SKETCHES = (
    Sketch(-6, "FOT", ("T02",), own=4, others=6, spare=1),
    Sketch(-1, "SBAR", (TRAINER,), own=4, others=4, spare=1),
    Sketch(0, "TR1", (TRAINER, "T03"), own=3, others=6, spare=0, waiting=True),
    Sketch(1, "AKUT", (TRAINER,), own=3, others=4, spare=0, waiting=True),
    Sketch(2, "HYG", ("T04",), own=2, others=4, spare=8),
    Sketch(3, "DEM", ("T06",), own=3, others=4, spare=0, waiting=True),
    Sketch(4, "DIA", ("T07",), own=1, others=1, spare=10),
    Sketch(5, "FALL", (), own=3, others=3),
    Sketch(6, "VSL", ("T05",), own=2, others=4),
    Sketch(7, "NUT", ("T08",), own=2, others=4),
    Sketch(8, "FOT", ("T02",), own=3, others=4),
    Sketch(9, "FOT", ("T09",), own=1, others=2, spare=6),
    Sketch(10, "TR2", (TRAINER, "T03"), own=2, others=4, spare=8),
)


def plan_fortnight(book: Book, today: date) -> Fortnight:
    """The plan of the days around `today`, for the people of the book's year."""
    planner = _Planner(book, today)
    sessions = {sketch.offset: planner.session(sketch) for sketch in SKETCHES}
    planner.held(sessions[-6])
    planner.undecided(sessions[-1])
    planner.this_morning(sessions[0])
    planner.reserved(sessions[2])
    planner.somebody_leaves(sessions[3])
    sessions[4].min_participants = 6
    sessions[7].cancelled = (planner.now, "venue")
    planner.somebody_moves(sessions[8], sessions[9])
    sessions[10].seat_shares = {HOME: 3, planner.others[0]: 2}
    return Fortnight(
        today=today,
        sessions=tuple(sessions.values()),
        absence=Absence(sessions[6].trainers[0], sessions[6].first_day, sessions[6].first_day, "Sjuk"),
        blackout=Blackout(
            planner.others[0], workday_from(today, 8), workday_from(today, 12), "Nytt journalsystem införs"
        ),
        term=coming_term(today)[0],
        wishes={HOME: {"TR2": 14, "SARB": 8, "HYG": 10}} | {code: {"TR2": 4, "SARB": 3} for code in planner.others[:4]},
        unknown=(sessions[-1].key, "Ulla från hemtjänsten", HOME),
    )


class _Planner:
    def __init__(self, book: Book, today: date) -> None:
        self._rng = random.Random(f"{book.year.seed}/{book.year.size.name}/fortnight/{today}")
        self._today = today
        self._courses = {course.code: course for course in (*book.year.courses, *courses_after(YEAR))}
        self._guests = _Guests(self._rng, book)
        self.others = [member.code for member in book.year.municipalities if member.code != HOME]
        # Not before today's last minute: whatever is planned for then happens when the demo runs.
        self.now = at(today, 23, 59)

    def session(self, sketch: Sketch) -> PlannedSession:
        """The session with those who register, and those who then must wait."""
        course, day = self._courses[sketch.course], workday_from(self._today, sketch.offset)
        ahead = sketch.offset > 0
        groups = list(self._groups(course, day, sketch.own, sketch.others))
        session = PlannedSession(
            key=f"{course.code}{sketch.offset:+d}",
            course=course,
            host=HOME if sketch.offset % 3 else self.others[sketch.offset],
            venue=VENUES[sketch.offset % len(VENUES)],
            capacity=sum(map(len, groups)) + sketch.spare,
            occasions=occasions_on([day], course.duration_minutes, morning=bool(sketch.offset % 2)),
            trainers=sketch.trainers,
            support=("language_support",) if sketch.offset == 0 else (),
            planned_at=self.now if ahead else at(day - timedelta(days=KNOWN_DAYS_BEFORE), 9),
            cancellation_deadline=self._deadline(day, ahead),
        )
        if sketch.waiting:
            groups += self._groups(course, day, 2, 1)
        moment = self.now if ahead else at(day - timedelta(days=BOOKED_DAYS_BEFORE), 9)
        session.registrations += [
            Registering(moment + timedelta(seconds=number), group) for number, group in enumerate(groups)
        ]
        return session

    def _deadline(self, day: date, ahead: bool) -> datetime:
        usual = at(day - timedelta(days=CANCELLATION_DAYS), 12)
        return max(usual, self.now) if ahead else usual

    def _groups(self, course: Course, day: date, own: int, others: int) -> Iterator[tuple[str, ...]]:
        """Groups of one municipality: HOME first, then some of others, a few each."""
        yield from self._guests.group(course, [day], HOME, own)
        for code in self._rng.sample(self.others, len(self.others)):
            if others <= 0:
                return
            for group in self._guests.group(course, [day], code, min(others, OTHERS_IN_A_GROUP)):
                others -= len(group)
                yield group

    def held(self, session: PlannedSession) -> None:
        """Marked and attested; most say afterwards what they thought of it."""
        happenings.mark_planned(self._rng, session, _registered(session))
        session.answers = happenings.Surveys(self._rng).answers(len(_registered(session)))

    def undecided(self, session: PlannedSession) -> None:
        """Marked, not attested yet: two phones contradict each other, and somebody came unregistered."""
        session.walk_ins += [
            key for group in self._guests.group(session.course, session.days, HOME, 1) for key in group
        ]
        happenings.mark_planned(self._rng, session, [*_registered(session), *session.walk_ins])
        disputed = _registered(session)[0]
        session.marks[disputed] = tuple(Mark(True) for _ in session.occasions)
        happenings.contest(session, disputed)
        session.decided = session.attested = False

    def this_morning(self, session: PlannedSession) -> None:
        """One calls in sick, a colleague goes instead."""
        for (instead,) in self._guests.group(session.course, session.days, HOME, 1):
            session.substitutions.append(Substituting(at(self._today, 7), _registered(session)[0], instead))

    def reserved(self, session: PlannedSession) -> None:
        """Held seats, one of them named: the others need names within a day."""
        name_by = at(workday_from(self._today, 1), 16)
        named = [key for group in self._guests.group(session.course, session.days, HOME, 1) for key in group]
        session.reservations.append(Reserving(HOME, 3, name_by, tuple(named)))
        session.reservations.append(Reserving(self.others[1], 2, name_by, ()))

    def somebody_leaves(self, session: PlannedSession) -> None:
        """The seat goes to the first who waits and whom it is enough for."""
        session.cancellations.append(Cancelling(self.now, _registered(session)[0], "work"))

    def somebody_moves(self, session: PlannedSession, later: PlannedSession) -> None:
        for group in self._guests.group(session.course, session.days | later.days, HOME, 1):
            session.registrations.append(Registering(self.now + timedelta(seconds=50), group))
            session.moves.append(Moving(self.now + timedelta(seconds=55), group[0], later.key))


class _Guests:
    """Finds people for a session: who may take the course and are free; those new to it first."""

    def __init__(self, rng: random.Random, book: Book) -> None:
        self._rng, self._staff, self._diary = rng, book.year.staff, Diary()
        self._attended = {
            (one.row.person.number, one.session.plan.course.code)
            for one in participations(book, book.sessions.values())
            if one.minutes == one.session.plan.minutes
        }

    def group(self, course: Course, days: Iterable[date], municipality: str, count: int) -> Sequence[tuple[str, ...]]:
        """So many colleagues, or as many as there are: one group, or none."""
        days = list(days)
        rows = [row for row in self._staff.values() if row.municipality == municipality]
        fit = [row for row in rows if self._may_come(row, course, days)]
        self._rng.shuffle(fit)
        fit.sort(key=lambda row: (row.person.number, course.code) in self._attended)
        for row in fit[:count]:
            self._diary.take(row.person.number, days)
        return [tuple(row.key for row in fit[:count])] if fit else []

    def _may_come(self, row: StaffRow, course: Course, days: Sequence[date]) -> bool:
        number = row.person.number
        prepared = all((number, code) in self._attended for code in course.requires)
        return may_attend(row, course) and prepared and self._diary.free(number, days)


def _registered(session: PlannedSession) -> list[str]:
    return [key for call in session.registrations for key in call.staff]
