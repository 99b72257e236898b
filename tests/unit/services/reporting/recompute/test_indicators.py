"""The common output indicators: who is counted, when, and as what."""

from datetime import date

import pytest

from services.reporting.days import Period
from services.reporting.recompute.indicators import indicators
from tests.support.story import Story, at, employment

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
MARCH = Period(date(2025, 3, 1), date(2025, 3, 31))
OCTOBER = Period(date(2025, 10, 1), date(2025, 10, 31))


@pytest.fixture
def story() -> Story:
    """Ada and Bea began in March, Carl in October, when Ada came again; Dana was never there."""
    story = Story()
    story.project()
    story.person("Ada", birth_year=1970)  # 55 that year
    story.person("Bea", employment("Bea", kind="placement"), birth_year=2008)  # 17
    story.person("Carl", gender="man", birth_year=1996)  # 29
    story.person("Dana", birth_year=1990)
    story.attest(story.session("march", (at("2025-03-03"), 60)), ("Ada", 60), ("Bea", 30), ("Dana", 0))
    story.attest(story.session("october", (at("2025-10-06"), 60)), ("Ada", 60), ("Carl", 60))
    return story


def counted(story: Story, period: Period) -> dict[str, tuple[int, int, int]]:
    """Women, men, and all, of each indicator."""
    found = indicators(story.facts(), period)
    return {name: (one["woman"], one["man"], one["total"]) for name, one in found.items()}


def test_each_person_counts_where_it_began(story: Story) -> None:
    nobody = (0, 0, 0)
    assert counted(story, MARCH) == {
        "EECO01": (2, 0, 2),
        "EECO05": (1, 0, 1),  # a placement is no employment
        "EECO06": (1, 0, 1),
        "EECO07": nobody,
        "EECO08": (1, 0, 1),
    }
    assert counted(story, OCTOBER) == {
        "EECO01": (0, 1, 1),
        "EECO05": (0, 1, 1),
        "EECO06": nobody,
        "EECO07": (0, 1, 1),
        "EECO08": nobody,
    }
    assert counted(story, YEAR)["EECO01"] == (2, 1, 3)


def test_who_was_employed_until_the_day_before_is_not_employed(story: Story) -> None:
    story.person("Ada", employment("Ada", until="2025-03-02"), birth_year=1970)
    assert counted(story, MARCH)["EECO05"] == (0, 0, 0)
    story.person("Ada", employment("Ada", until="2025-03-03"), birth_year=1970)
    assert counted(story, MARCH)["EECO05"] == (1, 0, 1)


def test_an_erased_person_stays_what_it_was(story: Story) -> None:
    story.person("Bea", gender="woman", birth_year=None, age_group="under_18")
    assert counted(story, MARCH)["EECO06"] == (1, 0, 1)
