"""The content of a roll and its hash."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.attendance.occasions.rules import Schedule
from services.attendance.rolls.rules import Line, content_hash, roll_lines

SESSION = UUID(int=1)
NINE = datetime(2025, 3, 3, 8, tzinfo=UTC)
SCHEDULES = [
    Schedule(UUID(int=10 + n), NINE + timedelta(days=n), NINE + timedelta(days=n, hours=3), 15) for n in (0, 1)
]
PEOPLE = [UUID(int=100 + n) for n in range(6)]


@st.composite
def marked_lines(draw: st.DrawFn) -> list[Line]:
    cells = draw(st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(SCHEDULES)), unique=True))
    return [
        Line(person, schedule.occasion_id, "present" if minutes else "absent", minutes, 165, excused=False)
        for person, schedule in cells
        for minutes in [draw(st.sampled_from([0, 60, 165]))]
    ]


@given(st.sets(st.sampled_from(PEOPLE)), marked_lines(), st.randoms(use_true_random=False))
def test_the_same_content_has_the_same_hash_in_any_order(
    confirmed: set[UUID], marked: list[Line], random: Random
) -> None:
    shuffled = list(marked)
    random.shuffle(shuffled)
    first = content_hash(SESSION, SCHEDULES, roll_lines(confirmed, SCHEDULES, marked))
    second = content_hash(SESSION, reversed(SCHEDULES), roll_lines(sorted(confirmed), SCHEDULES, shuffled))
    assert first == second


@given(st.sets(st.sampled_from(PEOPLE)), marked_lines())
def test_no_attended_minute_falls_off_the_roll_and_none_is_there_twice(
    confirmed: set[UUID], marked: list[Line]
) -> None:
    lines = roll_lines(confirmed, SCHEDULES, marked)
    assert sum(line.minutes for line in lines) == sum(line.minutes for line in marked)
    assert len({(line.participant_id, line.occasion_id) for line in lines}) == len(lines)
    assert {line.participant_id for line in lines if line.minutes == 0} <= confirmed


@given(st.sets(st.sampled_from(PEOPLE), min_size=1), marked_lines())
def test_any_change_of_minutes_changes_the_hash(confirmed: set[UUID], marked: list[Line]) -> None:
    lines = roll_lines(confirmed, SCHEDULES, marked)
    first = lines[0]
    changed = Line(
        first.participant_id, first.occasion_id, "present", first.minutes + 1, first.scheduled_minutes, False
    )
    assert content_hash(SESSION, SCHEDULES, lines) != content_hash(SESSION, SCHEDULES, [changed, *lines[1:]])
