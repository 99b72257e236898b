"""Which seats of a session were burned: each sentence of the rule by numbers made by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking.burned_seats.rules import Burned, Had, burned

START = datetime(2026, 9, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
NORA, OREBRO = "1884", "1880"


def seat(person: int, municipality: str = OREBRO, *, since: int = 1000, **fields: Any) -> Had:
    """`since`: hours before the start."""
    return Had(UUID(int=person), municipality, START - since * HOUR, **fields)


def left(person: int, municipality: str = NORA, *, hours: int = 24, **fields: Any) -> Had:
    """A seat that was given back late, so many hours before the start."""
    return seat(person, municipality, until=START - hours * HOUR, left_late=True, **fields)


def found(capacity: int, *had: Had) -> list[tuple[str, str]]:
    return [(municipality, kind.value) for municipality, kind in burned(capacity, START, had)]


def test_a_seat_left_late_is_burned() -> None:
    assert found(1, left(1)) == [(NORA, "late")]


def test_a_seat_filled_before_the_start_is_not() -> None:
    assert found(1, left(1), seat(2, since=2)) == []


def test_a_seat_taken_after_the_start_fills_none() -> None:
    assert found(1, left(1), seat(2, since=-1)) == [(NORA, "late")]


def test_a_newcomer_who_had_room_anyway_fills_none() -> None:
    assert found(3, left(1), seat(2, since=2)) == [(NORA, "late")]


def test_what_was_left_first_was_filled_first() -> None:
    assert found(2, left(1, hours=48), left(2, OREBRO, hours=24), seat(3, since=2)) == [(OREBRO, "late")]


def test_illness_is_neutral_where_the_project_says_so() -> None:
    assert found(2, left(1, neutral=True, hours=30), left(2)) == [(NORA, "neutral"), (NORA, "late")]


def test_a_seat_left_in_time_is_not_burned() -> None:
    assert found(1, seat(1, NORA, until=START - 500 * HOUR)) == []


def test_who_cancelled_late_and_came_burned_none() -> None:
    assert found(1, left(1, came=True)) == []


def test_who_has_a_seat_again_burned_none() -> None:
    assert found(5, left(1), seat(1, NORA, since=2)) == []


def test_who_cancels_during_the_session_burned_the_seat() -> None:
    assert found(1, left(1, hours=-1)) == [(NORA, "late")]


def test_a_no_show_is_burned_and_an_excused_one_is_neutral() -> None:
    assert found(3, seat(1, absent=Burned.NO_SHOW), seat(2, absent=Burned.NEUTRAL), seat(3, came=True)) == [
        (OREBRO, "no_show"),
        (OREBRO, "neutral"),
    ]


def test_a_walk_in_beyond_capacity_makes_no_empty_seat_negative() -> None:
    assert found(1, left(1), seat(2, since=2), seat(3, since=1)) == []
