"""What a dated change makes of an employment's history."""

from dataclasses import replace
from datetime import date

import pytest

from services.booking.staff.rules import (
    EmploymentRuleBrokenError,
    Period,
    changed,
    default_start,
    ended,
    ended_by_act,
    in_force,
    overlap,
    started,
)

JANUARY, APRIL, JULY, OCTOBER = (date(2025, month, 1) for month in (1, 4, 7, 10))
CARE = Period(JANUARY, None, "care_assistant", "other", "employed", "212000-2007")
NURSE = {"title": "assistant_nurse", "category": "base"}
STUDIED = changed([CARE], JULY, NURSE)


def days(history: tuple[Period, ...]) -> list[tuple[date, date | None, str]]:
    return [(period.valid_from, period.valid_to, period.title) for period in history]


def test_a_new_title_holds_from_its_day_and_the_old_one_until_the_day_before() -> None:
    assert days(STUDIED) == [(JANUARY, date(2025, 6, 30), "care_assistant"), (JULY, None, "assistant_nurse")]


def test_a_change_on_the_first_day_replaces_what_held() -> None:
    assert days(changed([CARE], JANUARY, NURSE)) == [(JANUARY, None, "assistant_nurse")]


def test_a_change_before_a_later_one_holds_on_from_its_own_day() -> None:
    assert days(changed(STUDIED, APRIL, {"title": "nurse"})) == [
        (JANUARY, date(2025, 3, 31), "care_assistant"),
        (APRIL, date(2025, 6, 30), "nurse"),
        (JULY, None, "nurse"),
    ]  # two periods, for the category of the later one still differs


def test_a_change_of_one_field_leaves_the_others_of_later_periods() -> None:
    history = changed(STUDIED, APRIL, {"employer_org_number": "212000-1967"})
    assert [period.title for period in history] == ["care_assistant", "care_assistant", "assistant_nurse"]


def test_equal_neighbours_become_one_period() -> None:
    assert changed(STUDIED, JULY, {"title": "care_assistant", "category": "other"}) == (CARE,)


def test_a_change_before_the_employment_lets_it_begin_then() -> None:
    assert days(changed([replace(CARE, valid_from=APRIL)], JANUARY, NURSE)) == [(JANUARY, None, "assistant_nurse")]


def test_an_ended_employment_cannot_change_afterwards() -> None:
    with pytest.raises(EmploymentRuleBrokenError, match="after-its-end"):
        changed(ended(STUDIED, JULY), OCTOBER, NURSE)


def test_the_last_day_belongs_to_the_employment() -> None:
    history = ended([CARE], JULY)
    assert in_force(history, JULY) is not None
    assert in_force(history, date(2025, 7, 2)) is None


def test_an_end_drops_what_would_have_come_later() -> None:
    assert days(ended(STUDIED, APRIL)) == [(JANUARY, APRIL, "care_assistant")]


def test_an_end_can_be_taken_back() -> None:
    assert ended(ended([CARE], APRIL), None) == (CARE,)


def test_an_employment_cannot_end_before_it_begins() -> None:
    with pytest.raises(EmploymentRuleBrokenError, match="before-its-start"):
        ended([CARE], date(2024, 12, 31))


def test_ending_by_an_act_never_prolongs() -> None:
    assert ended_by_act(ended([CARE], APRIL), JULY) == ended([CARE], APRIL)


def test_an_employment_that_has_not_begun_ends_on_its_first_day() -> None:
    assert days(ended_by_act([replace(CARE, valid_from=JULY)], APRIL)) == [(JULY, JULY, "care_assistant")]


def test_a_beginning_moved_forward_drops_what_ended_before() -> None:
    assert days(started(STUDIED, OCTOBER)) == [(OCTOBER, None, "assistant_nurse")]


def test_a_beginning_moved_back_prolongs_the_first_period() -> None:
    earlier = date(2024, 8, 1)
    assert started(STUDIED, earlier)[0].valid_from == earlier


def test_employments_that_touch_do_not_overlap() -> None:
    first, second = ended([CARE], APRIL), [replace(CARE, valid_from=date(2025, 4, 2))]
    assert not overlap(first, second)
    assert overlap(first, [replace(CARE, valid_from=APRIL)])


def test_who_is_entered_counts_as_employed_from_the_projects_first_day() -> None:
    assert default_start(JANUARY, JULY, []) == JANUARY


def test_before_the_project_begins_the_day_of_the_act_counts() -> None:
    assert default_start(JULY, JANUARY, []) == JANUARY


def test_who_comes_back_begins_on_the_day_of_the_act_but_after_the_end() -> None:
    assert default_start(JANUARY, JULY, ended([CARE], APRIL)) == JULY
    assert default_start(JANUARY, JULY, ended([CARE], JULY)) == date(2025, 7, 2)
    assert default_start(JANUARY, JULY, ended([CARE], date.max)) == JULY
