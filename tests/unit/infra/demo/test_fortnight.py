"""The plan of the days around today: what it promises on whatever day the demo runs."""

from collections import Counter
from datetime import date, timedelta

import pytest

from infra.demo import payloads
from infra.demo.book import Book
from infra.demo.fortnight import HOME, TRAINER, plan_fortnight
from infra.demo.plan import SMALL, TINY, Fortnight, PlannedSession
from infra.demo.workdays import workday_from
from infra.demo.year import plan_year

SATURDAY, MIDSUMMER, CHRISTMAS = date(2026, 11, 28), date(2027, 6, 24), date(2026, 12, 23)
SIZES = {size.name: Book(plan_year(2025, size)) for size in (SMALL, TINY)}


@pytest.fixture(params=(SATURDAY, MIDSUMMER, CHRISTMAS), ids=str)
def today(request: pytest.FixtureRequest) -> date:
    day: date = request.param
    return day


@pytest.fixture(params=SIZES)
def book(request: pytest.FixtureRequest) -> Book:
    return SIZES[request.param]


@pytest.fixture
def fortnight(book: Book, today: date) -> Fortnight:
    return plan_fortnight(book, today)


def people(session: PlannedSession) -> list[str]:
    booked = [key for call in session.registrations for key in call.staff]
    booked += [call.by for call in session.substitutions] + session.walk_ins
    return booked + [key for call in session.reservations for key in call.named]


def test_the_same_day_plans_the_same_fortnight(book: Book, today: date, fortnight: Fortnight) -> None:
    assert plan_fortnight(book, today) == fortnight


def test_there_is_a_session_today_before_it_and_after_it(today: date, fortnight: Fortnight) -> None:
    days = [session.first_day for session in fortnight.sessions]
    assert days == sorted(days)
    assert today in days
    assert sum(day < today for day in days) == 2
    assert sum(day > today for day in days) == 10


def test_nobody_is_on_two_sessions_of_a_day(book: Book, fortnight: Fortnight) -> None:
    taken = Counter(
        (book.year.staff[key].person.number, session.first_day)
        for session in fortnight.sessions
        for key in people(session)
    )
    assert max(taken.values()) == 1


def test_everybody_may_take_the_course_and_registers_with_colleagues(book: Book, fortnight: Fortnight) -> None:
    staff = book.year.staff
    for session in fortnight.sessions:
        assert {staff[key].title.category for key in people(session)} <= set(session.course.categories)
        assert all(len({staff[key].municipality for key in call.staff}) == 1 for call in session.registrations)


def test_no_trainer_is_in_two_places_on_a_day(fortnight: Fortnight) -> None:
    taken = Counter((key, session.first_day) for session in fortnight.sessions for key in session.trainers)
    assert max(taken.values()) == 1


def test_the_demos_trainer_and_municipality_meet_everything(today: date, fortnight: Fortnight) -> None:
    yesterday, now, tomorrow = fortnight.sessions[1:4]
    assert all(TRAINER in session.trainers for session in (yesterday, now, tomorrow))
    assert (now.first_day, fortnight.unknown[0], fortnight.unknown[2]) == (today, yesterday.key, HOME)
    assert HOME in {call.municipality for session in fortnight.sessions for call in session.reservations}
    assert now.substitutions
    assert yesterday.contested


def test_the_project_is_prolonged_when_the_fortnight_would_lie_beyond_it(today: date, fortnight: Fortnight) -> None:
    until = date.fromisoformat(payloads.project(today)["period"]["to"])
    assert fortnight.last < until
    assert payloads.project(date(2031, 12, 20))["period"]["to"] == "2032-06-30"


def test_working_days_leave_out_weekends_and_red_days() -> None:
    assert workday_from(SATURDAY, 0) == SATURDAY
    assert workday_from(SATURDAY, 1) == SATURDAY + timedelta(days=2)
    assert workday_from(SATURDAY, -1) == SATURDAY - timedelta(days=1)
    assert workday_from(CHRISTMAS, 1) == date(2026, 12, 28)
