"""What closes a gap is counted in whole people and whole sessions."""

from typing import Any

import pytest

from services.reporting.cofinancing_pages.gap import Closing, Typical, closing, typical


def figures(**changed: int) -> dict[str, Any]:
    numbers = {"participations": 40, "held": 4, "attested": 40 * 180, "offered": 48} | changed
    return {
        "participations": {"total": numbers["participations"]},
        "sessions": {"held": numbers["held"]},
        "minutes": {"attested": numbers["attested"]},
        "seats": {"offered": numbers["offered"]},
    }


def test_a_session_is_as_those_that_were_held() -> None:
    assert typical(figures()) == Typical(180, 12)


@pytest.mark.parametrize("missing", ["participations", "held", "attested", "offered"])
def test_nothing_held_tells_nothing(missing: str) -> None:
    assert typical(figures(**{missing: 0})) is None


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (180, Closing(1, 1, 12)),
        (181, Closing(2, 1, 12)),
        (12 * 180, Closing(12, 1, 12)),
        (12 * 180 + 1, Closing(13, 2, 12)),
    ],
)
def test_a_part_of_a_person_or_of_a_session_is_a_whole_one(gap: int, expected: Closing) -> None:
    assert closing(gap, Typical(180, 12)) == expected


def test_without_a_gap_nothing_is_to_be_done() -> None:
    assert closing(0, Typical(180, 12)) is None
    assert closing(None, Typical(180, 12)) is None
    assert closing(180, None) is None
