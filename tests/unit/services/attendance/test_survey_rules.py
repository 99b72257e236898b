"""Whom a survey asks when, and when answers go."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.attendance.surveys.rules import go_now, in_mails, is_invited, managers_asked_on

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
LATER, NOW_CLOSED = NOW + timedelta(days=1), NOW


@pytest.mark.parametrize(
    ("last_day", "asked"),
    [
        (date(2026, 1, 15), date(2026, 4, 15)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 3, 31)),
    ],
)
def test_managers_are_asked_three_months_later_or_on_the_last_day_of_a_shorter_month(
    last_day: date, asked: date
) -> None:
    assert managers_asked_on(last_day) == asked


def test_what_is_attested_long_after_asks_nobody() -> None:
    assert is_invited(date(2026, 3, 1), date(2026, 3, 15), 14)
    assert not is_invited(date(2026, 3, 1), date(2026, 3, 16), 14)


@pytest.mark.parametrize(
    ("waiting", "closes_at", "goes"),
    [
        (0, NOW_CLOSED, False),
        (1, NOW_CLOSED, True),
        (2, LATER, False),
        (3, LATER, True),
    ],
)
def test_answers_wait_for_three_or_the_end(waiting: int, closes_at: datetime, goes: bool) -> None:
    assert go_now(waiting, closes_at, NOW) is goes


def test_a_mail_asks_about_five_sessions_at_most() -> None:
    assert [len(few) for few in in_mails(range(11))] == [5, 5, 1]
    assert list(in_mails([])) == []
