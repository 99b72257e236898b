"""On whose behalf a person came who is employed by one municipality, by several, by none."""

import pytest

from services.booking.staff.rules import employer

NORA, OREBRO = ("1884", "in Nora"), ("1880", "in Örebro")


@pytest.mark.parametrize(
    ("employments", "named", "expected"),
    [
        ([NORA], None, "in Nora"),
        ([NORA], "1880", "in Nora"),  # whoever took the person in was wrong
        ([NORA, OREBRO], "1880", "in Örebro"),
        ([NORA, OREBRO], None, None),
        ([NORA, OREBRO], "1863", None),
        ([NORA, ("1884", "in Nora, too")], "1884", None),
        ([], "1884", None),
    ],
)
def test_the_named_employer_else_the_only_one(
    employments: list[tuple[str, str]], named: str | None, expected: str | None
) -> None:
    assert employer(employments, named) == expected
