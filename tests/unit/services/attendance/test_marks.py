"""What a mark is worth, when it is refused, and which of several counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.attendance.cells.rules import Kind, Mark, Refusal, agree, heads, made_at, refusal_of, spokesman
from services.attendance.occasions.rules import Schedule

NINE = datetime(2025, 3, 3, 8, tzinfo=UTC)
DAY = datetime(2025, 3, 2, 23, tzinfo=UTC)
OCCASION = Schedule(UUID(int=1), NINE, NINE + timedelta(hours=3), 15)
PRESENT = Mark(UUID(int=1), Kind.MARK, "phone", 1, 2, NINE, "present")
ABSENT = replace(PRESENT, mark_id=UUID(int=2), status="absent")


def at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("arrived", "left", "minutes"),
    [
        (None, None, 165),
        (at(-10), at(200), 165),
        (at(30), None, 135),
        (None, at(120), 105),
        (at(0), at(40), 40),
        (at(120), at(60), 0),
        (at(-60), at(-30), 0),
    ],
)
def test_minutes_are_clipped_to_the_schedule_minus_the_break_in_its_middle(
    arrived: datetime | None, left: datetime | None, minutes: int
) -> None:
    assert replace(PRESENT, arrived_at=arrived, left_at=left).minutes_on(OCCASION) == minutes


def test_a_project_that_pays_for_breaks_counts_them() -> None:
    assert PRESENT.minutes_on(replace(OCCASION, breaks_counted=True)) == 180


def test_given_minutes_stand_before_times() -> None:
    assert replace(PRESENT, minutes=20, arrived_at=at(30)).minutes_on(OCCASION) == 20


def test_given_minutes_shrink_with_a_shortened_occasion() -> None:
    shorter = replace(OCCASION, ends_at=at(60), break_minutes=0)
    assert replace(PRESENT, minutes=165).minutes_on(shorter) == 60


def refused(mark: Mark, made: datetime = NINE, schedule: Schedule | None = OCCASION) -> Refusal | None:
    return refusal_of(mark, schedule, made_at=made, day_begins=DAY)


@pytest.mark.parametrize("minutes", [-1, -600])
def test_negative_minutes_are_refused(minutes: int) -> None:
    assert refused(replace(PRESENT, minutes=minutes)) is Refusal.MINUTES_OUT_OF_RANGE


def test_nobody_is_present_before_the_day_but_may_be_known_to_be_absent() -> None:
    before = DAY - timedelta(minutes=1)
    assert refused(PRESENT, before) is Refusal.OCCASION_NOT_BEGUN
    assert refused(ABSENT, before) is None


def test_the_other_refusals_by_name() -> None:
    assert refused(PRESENT, schedule=None) is Refusal.UNKNOWN_OCCASION
    assert refused(replace(ABSENT, minutes=10)) is Refusal.MINUTES_OF_ABSENT
    assert refused(replace(PRESENT, arrived_at=at(60), left_at=at(30))) is Refusal.LEFT_BEFORE_ARRIVED
    assert refused(PRESENT) is None


def test_a_device_whose_clock_is_a_day_slow_is_not_held_to_it() -> None:
    slow = timedelta(days=1)
    assert made_at(NINE - slow, device_time=at(300) - slow, received_at=at(300)) == NINE


def test_nothing_was_made_after_it_was_received() -> None:
    assert made_at(at(600), device_time=at(60), received_at=at(60)) == at(60)


def test_the_later_mark_of_the_same_device_counts_whichever_came_first() -> None:
    later = replace(PRESENT, mark_id=UUID(int=3), marked_at=at(5), minutes=30)
    assert heads([PRESENT, later]) == heads([later, PRESENT]) == [later]


def test_two_marks_that_a_device_made_at_the_same_moment_contradict() -> None:
    assert heads([PRESENT, ABSENT]) == [PRESENT, ABSENT]


def test_a_device_that_marks_again_after_looking_at_the_roll_is_believed_whatever_its_clock_says() -> None:
    again = replace(ABSENT, base_version=2, marked_at=at(-60), version=3)
    assert heads([PRESENT, again]) == [again]


def test_a_mark_of_another_device_that_knew_the_first_counts() -> None:
    knowing = replace(ABSENT, device_id="tablet", base_version=2, version=3, marked_at=at(-30))
    assert heads([PRESENT, knowing]) == [knowing]


def test_two_devices_that_did_not_know_of_each_other_contradict() -> None:
    other = replace(ABSENT, device_id="tablet", version=3)
    assert heads([PRESENT, other]) == [PRESENT, other]
    assert not agree([PRESENT, other], OCCASION)


def test_two_devices_that_say_the_same_agree() -> None:
    other = replace(PRESENT, mark_id=UUID(int=3), device_id="tablet", version=3, minutes=165)
    assert agree([PRESENT, other], OCCASION)


def test_of_two_absences_the_one_with_a_reason_speaks_and_two_reasons_contradict() -> None:
    ill = replace(ABSENT, mark_id=UUID(int=3), device_id="tablet", marked_at=at(9), absence_reason="illness")
    assert agree([ABSENT, ill], OCCASION)
    assert spokesman([ABSENT, ill]) == ill
    assert not agree([ill, replace(ill, absence_reason="work")], OCCASION)
