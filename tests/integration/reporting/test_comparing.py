"""Two versions of the facts agree when every figure of the project does."""

from collections.abc import Callable
from datetime import date

import pytest

from services.reporting.facts.versions import OfVersion
from services.reporting.rebuild.compare import Difference, differences, statement_at
from tests.support.current import CurrentState
from tests.support.story import Story, at, employment

TODAY = date(2026, 1, 1)


def attended(minutes: int) -> Story:
    story = Story()
    story.project()
    story.municipality("1884", (1_000, "2025-01-01"))
    story.person("Ada", employment("Ada", "1884"))
    session = story.session("s", (at("2025-03-03"), 180))
    story.attended(session, "Ada", minutes)
    return story


Stated = Callable[[Story], dict[str, object]]


@pytest.fixture
def stated(current: CurrentState) -> Stated:
    """What reporting states of a story."""

    def of(story: Story) -> dict[str, object]:
        current.tell(story.told)
        return current.ask(lambda unit, at: statement_at(unit, at, TODAY))

    return of


def test_the_same_events_in_another_order_make_no_difference(stated: Stated) -> None:
    story, backwards = attended(180), attended(180)
    backwards.told.reverse()
    assert differences(stated(story), stated(backwards)) == []


def test_a_difference_is_named_with_both_values(stated: Stated) -> None:
    found = differences(stated(attended(180)), stated(attended(120)))
    assert Difference("project.minutes.attested", 180, 120) in found
    assert Difference("cofinancing.municipalities.1884.attested_minutes", 180, 120) in found
    assert {one.figure.partition(".")[0] for one in found} == {"project", "all_time", "cofinancing"}


def test_what_only_one_of_them_has_is_a_difference(stated: Stated) -> None:
    found = differences(stated(Story()), stated(attended(180)))
    assert Difference("cofinancing.municipalities.1884.attested_minutes", None, 180) in found


def test_the_time_of_the_data_is_no_figure(stated: Stated) -> None:
    earlier, later = attended(180), attended(180)
    later.recorded_at = at("2026-03-03")
    later.municipality("1884", (1_000, "2025-01-01"))
    assert differences(stated(earlier), stated(later)) == []


def test_a_statement_is_about_the_version_that_it_is_asked_for() -> None:
    counted = OfVersion("SELECT count(*) FROM {facts}")
    assert str(counted.of(2)) == "SELECT count(*) FROM facts_v2.facts"
    assert counted.of(2) is counted.of(2)
