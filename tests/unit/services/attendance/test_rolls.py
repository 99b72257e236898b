"""Who is on a roll, and what its content says."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.attendance.occasions.rules import Schedule
from services.attendance.rolls.rules import Line, content_hash, roll_lines

SESSION, ANNA, BO = UUID(int=1), UUID(int=2), UUID(int=3)
NINE = datetime(2025, 3, 3, 8, tzinfo=UTC)
OCCASION = Schedule(UUID(int=10), NINE, NINE + timedelta(hours=3), 15)


def line(person: UUID, minutes: int, *, excused: bool = False) -> Line:
    return Line(person, OCCASION.occasion_id, "present" if minutes else "absent", minutes, 165, excused)


def test_somebody_confirmed_and_not_marked_stands_with_no_minutes() -> None:
    assert roll_lines([ANNA], [OCCASION], []) == [Line(ANNA, OCCASION.occasion_id, None, 0, 165, excused=False)]


def test_who_cancelled_and_did_not_come_is_off_the_roll() -> None:
    assert roll_lines([ANNA], [OCCASION], [line(ANNA, 165), line(BO, 0)]) == [line(ANNA, 165)]


def test_who_cancelled_and_came_is_on_it() -> None:
    assert roll_lines([ANNA], [OCCASION], [line(ANNA, 165), line(BO, 30)]) == [line(ANNA, 165), line(BO, 30)]


def test_a_break_longer_than_the_occasion_leaves_nothing() -> None:
    assert Schedule(UUID(int=1), NINE, NINE + timedelta(minutes=10), 15).scheduled_minutes == 0


def test_an_excuse_and_a_moved_occasion_are_content() -> None:
    plain = content_hash(SESSION, [OCCASION], [line(ANNA, 0)])
    moved = Schedule(OCCASION.occasion_id, NINE + timedelta(days=1), NINE + timedelta(days=1, hours=3), 15)
    assert plain != content_hash(SESSION, [OCCASION], [line(ANNA, 0, excused=True)])
    assert plain != content_hash(SESSION, [moved], [line(ANNA, 0)])
    assert plain != content_hash(BO, [OCCASION], [line(ANNA, 0)])


def test_the_hash_of_a_known_roll_never_changes() -> None:
    """A sealed roll must verify after every later version of this code."""
    known = "1da55bf743fd32e14b45ea4966f412e8793a16d0c138410aa75b4e8ece3b71ca"
    assert content_hash(SESSION, [OCCASION], [line(ANNA, 165), line(BO, 0, excused=True)]) == known
