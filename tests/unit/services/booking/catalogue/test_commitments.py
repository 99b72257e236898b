"""How the project's commitment is divided between the municipalities, and over time."""

from datetime import date

from services.booking.catalogue.rules import Statement, commitments, moved_start
from shared.apportioning import largest_remainder

START = date(2025, 1, 1)
LATER = date(2026, 1, 1)


def minutes_on(day: date, project: int, *statements: Statement) -> dict[str, int]:
    """The commitment of each municipality that is in force on a day."""
    return {each.municipality: each.minutes for each in commitments(project, statements) if each.valid_from <= day}


def test_the_parts_sum_exactly_to_the_whole() -> None:
    assert largest_remainder(10, {"a": 1, "b": 1, "c": 1}) == {"a": 4, "b": 3, "c": 3}


def test_what_is_left_goes_to_the_largest_remainder() -> None:
    assert largest_remainder(100, {"small": 1, "large": 2}) == {"small": 33, "large": 67}


def test_without_any_employees_the_parts_are_equal() -> None:
    assert largest_remainder(5, {"a": 0, "b": 0}) == {"a": 3, "b": 2}


def test_those_without_minutes_share_what_the_explicit_ones_leave() -> None:
    shared = minutes_on(
        START,
        1000,
        Statement("1884", START, 100, 400),
        Statement("1880", START, 500, None),
        Statement("1860", START, 100, None),
    )
    assert shared == {"1884": 400, "1880": 500, "1860": 100}


def test_explicit_ones_beyond_the_projects_leave_nothing_to_share() -> None:
    assert minutes_on(START, 100, Statement("1884", START, 1, 150), Statement("1880", START, 9, None)) == {
        "1884": 150,
        "1880": 0,
    }


def test_a_new_number_of_employees_changes_the_shares_of_all_from_that_day_on() -> None:
    history = commitments(
        1000,
        [
            Statement("1884", START, 500, None),
            Statement("1880", START, 500, None),
            Statement("1880", LATER, 1500, None),
        ],
    )
    shown = [(each.municipality, each.valid_from, each.minutes) for each in history]
    assert shown == [("1880", START, 500), ("1884", START, 500), ("1880", LATER, 750), ("1884", LATER, 250)]


def test_who_is_not_affected_keeps_one_line_of_history() -> None:
    history = commitments(1000, [Statement("1884", START, 500, 300), Statement("1880", LATER, 500, None)])
    assert [(each.municipality, each.valid_from) for each in history] == [("1884", START), ("1880", LATER)]


def test_who_joins_later_takes_from_the_others_only_then() -> None:
    first, second = Statement("1884", START, 300, None), Statement("1880", LATER, 100, None)
    history = commitments(1000, [first, second])
    shown = [(each.municipality, each.valid_from, each.minutes) for each in history]
    assert shown == [("1884", START, 1000), ("1880", LATER, 250), ("1884", LATER, 750)]


def test_a_commitment_from_the_first_day_follows_the_first_day() -> None:
    earlier = date(2024, 10, 1)
    moved = moved_start([Statement("1884", START, 1, None), Statement("1884", LATER, 2, None)], START, earlier)
    assert [each.valid_from for each in moved] == [earlier, LATER]


def test_when_the_project_begins_later_only_the_last_statement_before_it_counts() -> None:
    start = date(2026, 6, 1)
    moved = moved_start([Statement("1884", START, 1, None), Statement("1884", LATER, 2, None)], START, start)
    assert moved == [Statement("1884", start, 2, None)]
