"""Codes for checking in: any authenticator makes the same, and each is good for at most two periods."""

from datetime import UTC, datetime, timedelta

import pytest

from services.attendance.check_in.rules import PERIOD_SECONDS, code_of, is_good, period_of, valid_until

SEED = b"12345678901234567890123456789012"
# RFC 6238, appendix B, SHA256: a time in periods of 30 s, and its code.
PUBLISHED = [
    (59, "46119246"),
    (1111111109, "68084774"),
    (1111111111, "67062674"),
    (1234567890, "91819424"),
    (2000000000, "90698825"),
    (20000000000, "77737706"),
]
MADE = datetime(2026, 9, 7, 7, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "code"), PUBLISHED)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert code_of(SEED, seconds // 30) == code


def test_a_code_is_good_until_its_end_and_refused_from_then_on() -> None:
    period = period_of(MADE)
    code, until = code_of(SEED, period), valid_until(period)
    assert is_good(code, SEED, MADE)
    assert is_good(code, SEED, until - timedelta(microseconds=1))
    assert not is_good(code, SEED, until)


def test_a_code_is_good_for_at_most_two_periods_from_its_making() -> None:
    assert valid_until(period_of(MADE)) - MADE <= timedelta(seconds=2 * PERIOD_SECONDS)


def test_no_code_of_the_future_and_none_of_another_occasion_is_good() -> None:
    assert not is_good(code_of(SEED, period_of(MADE) + 1), SEED, MADE)
    assert not is_good(code_of(SEED[::-1], period_of(MADE)), SEED, MADE)
    assert not is_good("ÅÄÖ", SEED, MADE)
