"""Who stands in for an absent trainer."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.booking.absences.rules import Colleague, Fate, fate, ranked

HOST, ELSEWHERE = "1880", "1884"


def colleague(number: int, home: str = HOST, **fields: Any) -> Colleague:
    usual = Colleague(
        UUID(int=number),
        home,
        qualified=True,
        active=True,
        absent=False,
        busy=False,
        assignments=0,
        sort_name=("a", ""),
    )
    return replace(usual, **fields)


def order(*colleagues: Colleague) -> list[int]:
    return [each.trainer_id.int for each in ranked(colleagues, HOST)]


def test_whose_home_is_the_host_comes_first_whatever_else() -> None:
    assert order(colleague(1, ELSEWHERE), colleague(2, assignments=9)) == [2, 1]


def test_then_who_teaches_least_then_the_name() -> None:
    anna, bo = ("anna", ""), ("bo", "")
    busiest, second, first = (
        colleague(1, assignments=2, sort_name=anna),
        colleague(2, assignments=1, sort_name=bo),
        colleague(3, assignments=1, sort_name=anna),
    )
    assert order(busiest, second, first) == [3, 2, 1]


@pytest.mark.parametrize("obstacle", [{"qualified": False}, {"active": False}, {"absent": True}, {"busy": True}])
def test_who_cannot_teach_it_is_no_candidate(obstacle: dict[str, Any]) -> None:
    assert order(colleague(1, **obstacle)) == []


@pytest.mark.parametrize(
    ("candidates", "others_teach", "has_begun", "expected"),
    [
        (1, True, True, Fate.REPLACED),
        (1, False, False, Fate.REPLACED),
        (0, True, False, Fate.NEEDS_DECISION),
        (0, False, True, Fate.NEEDS_DECISION),
        (0, False, False, Fate.CANCELLED),
    ],
)
def test_only_what_nobody_can_teach_is_cancelled_and_nothing_that_has_begun(
    candidates: int, others_teach: bool, has_begun: bool, expected: Fate
) -> None:
    found = [colleague(number) for number in range(candidates)]
    assert fate(found, others_teach=others_teach, has_begun=has_begun) is expected
