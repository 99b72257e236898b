"""When whom is asked, and when answers go: the sentences of the contract about surveys by link. Pure."""

import calendar
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

OPEN_FOR = timedelta(days=14)
REMINDED_AFTER = timedelta(days=7)
FEWEST_TOGETHER = 3
"""Fewer answers of a session do not go alone, while others may come."""
SESSIONS_A_MAIL = 5
MANAGERS_ASKED_AFTER = 3  # months
LATE_BY = timedelta(days=30)
"""For so long an invitation that fell due while the service was down is still made up for."""

Item = TypeVar("Item")


def is_invited(last_day: date, attested_on: date, within_days: int) -> bool:
    """What is entered long after sends no mail."""
    return attested_on - last_day <= timedelta(days=within_days)


def managers_asked_on(last_day: date) -> date:
    """Three months after the session; the last day of a month that is shorter."""
    years, month = divmod(last_day.month - 1 + MANAGERS_ASKED_AFTER, 12)
    year, month = last_day.year + years, month + 1
    return date(year, month, min(last_day.day, calendar.monthrange(year, month)[1]))


def go_now(waiting: int, closes_at: datetime, now: datetime) -> bool:
    """Answers by link are kept back until a session has three, or until nobody can answer any more."""
    return waiting > 0 and (waiting >= FEWEST_TOGETHER or closes_at <= now)


def in_mails(sessions: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Several sessions of one manager, at most five a mail."""
    for begin in range(0, len(sessions), SESSIONS_A_MAIL):
        yield sessions[begin : begin + SESSIONS_A_MAIL]


def read_line(line: str, choices: Sequence[tuple[str, Sequence[int | str]]]) -> dict[str, int | str] | None:
    """One form on paper as digits, `142`: for each question the number of its answer, `-` where it was left blank.
    None for a line that is no such row.
    """
    marks = "".join(line.split())
    if len(marks) != len(choices):
        return None
    answers: dict[str, int | str] = {}
    for mark, (question, values) in zip(marks, choices, strict=True):
        if mark in "-0":
            continue
        if mark not in "123456789"[: len(values)]:
            return None
        answers[question] = values[int(mark) - 1]
    return answers
