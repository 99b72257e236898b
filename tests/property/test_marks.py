"""Marks arrive in any order, any number of times: same result."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.attendance.cells.rules import Kind, Mark, agree, heads, spokesman, supersedes
from services.attendance.occasions.rules import Schedule

NINE = datetime(2025, 3, 3, 8, tzinfo=UTC)
OCCASION = Schedule(UUID(int=1), NINE, NINE + timedelta(hours=3), 15)
FIRST_VERSION = 5


@st.composite
def offline_marks(draw: st.DrawFn) -> list[Mark]:
    """Marks of one cell, made on up to three devices that all left with the same version of the roll."""
    number = draw(st.integers(1, 6))
    return [
        Mark(
            mark_id=UUID(int=100 + n),
            kind=Kind.MARK,
            device_id=draw(st.sampled_from("abc")),
            base_version=draw(st.integers(FIRST_VERSION - 2, FIRST_VERSION)),
            version=0,
            marked_at=NINE + timedelta(minutes=draw(st.integers(0, 5))),
            status=(status := draw(st.sampled_from(["present", "absent"]))),
            minutes=draw(st.sampled_from([None, 30, 165])) if status == "present" else None,
            absence_reason=draw(st.sampled_from([None, "illness", "work"])) if status == "absent" else None,
        )
        for n in range(number)
    ]


def said(marks: list[Mark]) -> tuple[frozenset[UUID], UUID | None, int]:
    """What a cell says of its marks: who stands, which mark counts, and how many minutes."""
    standing = heads(marks)
    counts = spokesman(standing) if agree(standing, OCCASION) else None
    minutes = counts.minutes_on(OCCASION) if counts else 0
    return frozenset(mark.mark_id for mark in standing), counts.mark_id if counts else None, minutes


def recorded(marks: list[Mark]) -> list[Mark]:
    """The marks as the service records them in this order of arrival: each in a new version, again means nothing."""
    once = dict.fromkeys(marks)
    return [replace(mark, version=FIRST_VERSION + n) for n, mark in enumerate(once, start=1)]


@given(offline_marks(), st.data())
def test_the_order_of_arrival_and_repetition_change_nothing(marks: list[Mark], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(marks)))
    arrival = data.draw(st.permutations(marks + again))
    assert said(recorded(arrival)) == said(recorded(marks))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.integers(-5, 5)), min_size=1, max_size=7))
def test_something_always_stands_whatever_the_clocks_and_versions_say(
    made: list[tuple[str, int, int]],
) -> None:
    marks = [
        Mark(UUID(int=n), Kind.MARK, device, min(base, n), n + 1, NINE + timedelta(minutes=minute), "present")
        for n, (device, base, minute) in enumerate(made)
    ]
    assert heads(marks)
    assert not any(supersedes(one, other) and supersedes(other, one) for one in marks for other in marks)


@given(offline_marks())
def test_a_decision_ends_every_contradiction_recorded_before_it(marks: list[Mark]) -> None:
    known = recorded(marks)
    latest = max(mark.version for mark in known)
    decision = Mark(UUID(int=999), Kind.DECISION, "decision", latest, latest + 1, NINE, "present", minutes=60)
    assert said([*known, decision]) == (frozenset({decision.mark_id}), decision.mark_id, 60)


@given(st.integers(-60, 240), st.integers(-60, 240), st.integers(0, 60), st.booleans(), st.integers(15, 480))
def test_minutes_never_exceed_the_schedule(arrives: int, leaves: int, breaks: int, counted: bool, length: int) -> None:
    occasion = Schedule(UUID(int=1), NINE, NINE + timedelta(minutes=length), breaks, counted)
    arrived, left = NINE + timedelta(minutes=arrives), NINE + timedelta(minutes=leaves)
    minutes = occasion.attended_minutes(arrived, left)
    assert 0 <= minutes <= occasion.scheduled_minutes
    assert minutes <= max(0, leaves - arrives)


@given(st.integers(0, 180), st.integers(0, 30).map(lambda half: 2 * half))
def test_two_stays_that_fill_the_occasion_sum_to_its_schedule(minute: int, breaks: int) -> None:
    occasion = Schedule(UUID(int=1), NINE, NINE + timedelta(minutes=180), breaks)
    change = NINE + timedelta(minutes=minute)
    whole = occasion.attended_minutes(None, change) + occasion.attended_minutes(change, None)
    assert whole == occasion.scheduled_minutes


@given(st.integers(1, 480), st.integers(0, 600), st.booleans(), st.booleans())
def test_no_times_are_the_times_of_the_schedule(length: int, breaks: int, counted: bool, takes_place: bool) -> None:
    ends = NINE + timedelta(minutes=length)
    occasion = Schedule(UUID(int=1), NINE, ends, breaks, counted, takes_place)
    assert occasion.attended_minutes(None, None) == occasion.attended_minutes(NINE, ends) == occasion.scheduled_minutes
