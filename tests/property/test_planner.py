"""Whatever is wished and whoever is away: no seat is lost, none is planned twice, nobody is planned on a day off."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.booking.planning.rules import Calendar, Wish, plan
from services.booking.planning.working_days import red_days, working_days

MUNICIPALITIES = ("1860", "1861", "1863", "1880", "1884")
COURSES = ("A", "B", "C")

wishes = st.lists(
    st.builds(Wish, st.sampled_from(COURSES), st.sampled_from(MUNICIPALITIES), st.integers(0, 60)), max_size=12
)
sizes = st.fixed_dictionaries({course: st.integers(1, 25) for course in COURSES})
first_days = st.dates(date(2025, 1, 1), date(2027, 12, 1))
blackouts = st.lists(st.tuples(st.sampled_from(MUNICIPALITIES), st.integers(0, 40), st.integers(0, 40)), max_size=8)


@given(wishes, sizes, first_days, st.integers(0, 40), blackouts)
def test_a_plan_keeps_its_promises(
    wanted: list[Wish], size: dict[str, int], first: date, length: int, away: list[tuple[str, int, int]]
) -> None:
    closed: dict[str, set[date]] = {}
    for code, begin, long in away:
        closed.setdefault(code, set()).update(first + timedelta(days=begin + number) for number in range(long))
    days = working_days(first, first + timedelta(days=length - 1))
    sessions, unplaced = plan(wanted, size, Calendar(days, closed))

    asked: Counter[tuple[str, str]] = Counter()
    for wish in wanted:
        asked[wish.course, wish.municipality] += wish.seats
    given_seats: Counter[tuple[str, str]] = Counter()
    for session in sessions:
        assert 0 < sum(session.seats.values()) <= session.capacity == size[session.course]
        assert session.host_municipality in session.seats
        assert session.date.weekday() < 5
        assert session.date not in red_days(session.date.year)
        for code, seats in session.seats.items():
            assert session.date not in closed.get(code, ())
            given_seats[session.course, code] += seats
    for left in unplaced:
        assert not set(days) - closed.get(left.municipality, set())
        given_seats[left.course, left.municipality] += left.seats
    assert given_seats == +asked
    assert plan(wanted, size, Calendar(days, closed)) == (sessions, unplaced)
