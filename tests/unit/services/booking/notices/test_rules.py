"""What is news to somebody who was told before, and when to remind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.booking.notices.rules import Meeting, news, reminder_due
from services.booking.notices.texts import without_names

START = datetime(2026, 4, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, SECOND = (
    Meeting(UUID(int=number), START + number * 24 * HOUR, START + (number * 24 + 3) * HOUR, "Aulan")
    for number in (1, 2)
)


def test_what_was_told_and_still_holds_is_no_news() -> None:
    assert not news({FIRST.occasion_id: FIRST}, [FIRST])


def test_a_moved_meeting_and_a_new_one_are_requested_and_one_that_is_gone_is_cancelled() -> None:
    moved = replace(FIRST, starts_at=FIRST.starts_at + HOUR)
    changed = news({FIRST.occasion_id: FIRST, SECOND.occasion_id: SECOND}, [moved])
    assert (changed.requests, changed.cancels) == ([moved], [SECOND])
    assert news({FIRST.occasion_id: FIRST}, [FIRST, SECOND]).requests == [SECOND]


@pytest.mark.parametrize(
    ("before_start", "confirmed_before", "due"),
    [
        (169 * HOUR, 999 * HOUR, None),
        (168 * HOUR, 999 * HOUR, 168),
        (100 * HOUR, 999 * HOUR, 168),
        (24 * HOUR, 999 * HOUR, 24),
        (0 * HOUR, 999 * HOUR, None),  # it begins
        (100 * HOUR, 120 * HOUR, None),  # the invitation came after the time of the first
        (24 * HOUR, 120 * HOUR, 24),
        (10 * HOUR, 11 * HOUR, None),
    ],
)
def test_a_reminder_is_due_once_its_time_has_come_unless_the_invitation_came_later(
    before_start: timedelta, confirmed_before: timedelta, due: int | None
) -> None:
    assert reminder_due([168, 24], START, START - confirmed_before, START - before_start) == due


def test_one_reserved_seat_is_told_of_as_one() -> None:
    assert without_names(1)["sv"] == "En reserverad plats saknar namn."
    assert without_names(3)["sv"] == "3 reserverade platser saknar namn."
