"""When a reservation holds, and by when its names can be due."""

from datetime import UTC, datetime, timedelta

import pytest

from services.booking.reservations.rules import State, deadline_fault, state_at

START = datetime(2026, 9, 1, 8, tzinfo=UTC)
NAME_BY = START - timedelta(days=7)
MADE = NAME_BY - timedelta(days=30)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("at", "state"), [(NAME_BY - SECOND, State.OPEN), (NAME_BY, State.LAPSED), (NAME_BY + SECOND, State.LAPSED)]
)
def test_it_lapses_at_its_deadline_whether_or_not_that_was_noted(at: datetime, state: State) -> None:
    assert state_at("open", NAME_BY, MADE, at) is state


@pytest.mark.parametrize("stored", ["filled", "deleted", "lapsed"])
def test_what_ended_otherwise_does_not_lapse(stored: str) -> None:
    assert state_at(stored, NAME_BY, MADE, START) == stored


def test_one_entered_after_its_own_deadline_waits_for_an_act() -> None:
    assert state_at("open", NAME_BY, NAME_BY + SECOND, START) is State.OPEN


@pytest.mark.parametrize(
    ("name_by", "code"),
    [(MADE, "in-the-past"), (MADE + SECOND, None), (START, None), (START + SECOND, "after-start")],
)
def test_names_are_due_after_now_and_by_the_start(name_by: datetime, code: str | None) -> None:
    assert deadline_fault(name_by, MADE, START) == code
