"""What a mark is worth, when it is refused, and which of several counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.attendance.cells.rules import (
    Kind,
    Mark,
    Refusal,
    agree,
    device_order,
    heads,
    made_at,
    refusal_of,
    spokesman,
)
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


def refused(mark: Mark) -> Refusal | None:
    return refusal_of(mark, day_begins=DAY)


@pytest.mark.parametrize("minutes", [-1, -600])
def test_negative_minutes_are_refused(minutes: int) -> None:
    assert refused(replace(PRESENT, minutes=minutes)) is Refusal.MINUTES_OUT_OF_RANGE


def test_nobody_is_present_before_the_day_but_may_be_known_to_be_absent() -> None:
    before = DAY - timedelta(minutes=1)
    assert refused(replace(PRESENT, marked_at=before)) is Refusal.OCCASION_NOT_BEGUN
    assert refused(replace(ABSENT, marked_at=before)) is None


def test_the_other_refusals_by_name() -> None:
    assert refused(replace(PRESENT, base_version=2)) is Refusal.VERSION_AHEAD
    assert refused(replace(ABSENT, minutes=10)) is Refusal.MINUTES_OF_ABSENT
    assert refused(replace(PRESENT, arrived_at=at(60), left_at=at(30))) is Refusal.LEFT_BEFORE_ARRIVED
    assert refused(PRESENT) is None


def test_a_device_whose_clock_is_a_day_slow_is_not_held_to_it() -> None:
    slow = timedelta(days=1)
    assert made_at(NINE - slow, device_time=at(300) - slow, received_at=at(300)) == NINE


def test_nothing_was_made_after_it_was_received() -> None:
    assert made_at(at(600), device_time=at(60), received_at=at(60)) == at(60)


def test_what_sending_takes_is_no_fault_of_the_clock() -> None:
    assert made_at(NINE, device_time=at(60), received_at=at(60) + timedelta(seconds=29)) == NINE


def test_a_fast_clock_is_set_right() -> None:
    assert made_at(at(60), device_time=at(120), received_at=at(60)) == NINE


def sent(marked: datetime, device_time: datetime, delay: timedelta = timedelta(), **said: Any) -> Mark:
    """A mark as it is stored: received `delay` after the device, whose clock is right, sent it."""
    times = {"device_time": device_time, "received_at": device_time + delay}
    order = device_order(marked, **times)
    return replace(PRESENT, mark_id=uuid4(), marked_at=made_at(marked, **times), order=order, **said)


def test_a_mark_of_tomorrow_does_not_outlast_the_real_one_that_the_phone_makes_later() -> None:
    tomorrow = sent(at(24 * 60), device_time=at(0))
    real = sent(at(10), device_time=at(11), status="absent")
    assert heads([tomorrow, real]) == [real]


def test_of_two_marks_that_lie_ahead_the_devices_own_order_counts() -> None:
    first, second = sent(at(600), device_time=at(0)), sent(at(601), device_time=at(0), status="absent")
    assert heads([second, first]) == [second]


def test_no_delay_turns_two_marks_of_a_device_around() -> None:
    first = sent(NINE, device_time=at(1), delay=timedelta(seconds=29))
    second = sent(NINE + timedelta(seconds=5), device_time=at(1), status="absent")
    assert heads([first, second]) == [second]


def test_a_mark_after_the_clock_was_set_back_counts_before_one_of_its_wrong_time() -> None:
    """The phone was a day ahead, and was right again when it marked for the second time."""
    wrong = {"device_time": at(24 * 60 + 1), "received_at": at(1)}
    first = replace(PRESENT, mark_id=uuid4(), order=device_order(at(24 * 60), **wrong))
    second = sent(at(10), device_time=at(11), status="absent")
    assert heads([first, second]) == [second]


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


def test_nobody_disagrees_about_an_occasion_that_does_not_take_place() -> None:
    called_off = replace(OCCASION, takes_place=False)
    assert agree([PRESENT, ABSENT], called_off)
    assert replace(PRESENT, minutes=60).minutes_on(called_off) == 0
