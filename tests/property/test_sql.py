"""Figures in SQL are the figures recomputed in Python, to the digit, whatever came late, twice or again."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.days import Period
from services.reporting.recompute.cofinancing import cofinancing, latest_day
from services.reporting.recompute.figures import figures
from services.reporting.recompute.indicators import indicators
from services.reporting.recompute.ledger import Selection
from services.reporting.recompute.model import Facts
from services.reporting.recompute.narrow import narrowed
from services.reporting.reports.kinds.evaluation import released
from services.reporting.reports.rows import rows_of
from shared.messaging.delivery import Event
from tests.property import test_facts, test_merges, worlds
from tests.support.current import CurrentState, only_figures
from tests.support.events import stamped
from tests.support.story import RECORDED, Story

TODAY = date(2025, 6, 30)
PERIODS = (
    Period(date(2025, 1, 1), date(2025, 12, 31)),
    Period(date(2025, 2, 1), date(2025, 2, 28)),
    Period(date(2025, 2, 2), date(2025, 4, 22)),
)
FEBRUARY = (
    Period(date(2025, 2, 1), date(2025, 2, 13)),
    Period(date(2025, 2, 14), date(2025, 2, 14)),
    Period(date(2025, 2, 15), date(2025, 2, 28)),
)
SELECTIONS = ((None, None), ("1884", None), (None, "A"), ("1880", "B"))
NOT_COUNTED: dict[str, Any] = {"cut_off": {}, "data_as_of": None, "suppressed": []}
some = settings(max_examples=25, deadline=None)


def disturbed(told: list[Event], seed: int) -> list[Event]:
    """In any order, some of it twice."""
    return sorted([*told, *told[:: 1 + seed % 3]], key=lambda one: hash((seed, one.id)))


def when(facts: Facts) -> dict[str, Any]:
    return {name: figures(facts, PERIODS[0])[name] for name in ("cut_off", "data_as_of")}


def agree(current: CurrentState, facts: Facts) -> None:
    """Every question, asked of the tables and of the values."""
    for period in PERIODS[:2]:
        copied = current.facts(period, TODAY)
        assert rows_of(copied) == rows_of(narrowed(facts, period, TODAY))
        for selection in SELECTIONS:
            assert figures(copied, period, *selection) == figures(facts, period, *selection) | when(copied), period
            assert (
                released(copied, period, Selection(*selection)) | NOT_COUNTED
                == current.released(period.first, period.last, *selection) | NOT_COUNTED
            ), (period, selection)
        assert cofinancing(copied, period.last, TODAY) == cofinancing(facts, period.last, TODAY)
        assert indicators(copied, period) == indicators(facts, period)
    for period in PERIODS:
        assert current.indicators(period) == indicators(facts, period)
        for selection in SELECTIONS:
            found = current.figures(period.first, period.last, *selection)
            assert found == only_figures(figures(facts, period, *selection)), (period, selection)
    february = indicators(facts, PERIODS[1])
    assert added_up([indicators(facts, part) for part in FEBRUARY]) == february
    for day in (TODAY, date(2025, 4, 21), date(2025, 12, 31)):
        assert current.cofinancing(day, TODAY) == cofinancing(facts, day, TODAY), day
    expected = cofinancing(facts, latest_day(facts, TODAY), everything=True)
    assert current.cofinancing(None, TODAY) == expected


def added_up(parts: list[dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    return {name: {gender: sum(one[name][gender] for one in parts) for gender in parts[0][name]} for name in parts[0]}


@given(story=test_facts.stories(), seed=st.integers(0, 2**31), batch=st.integers(1, 60))
@some
def test_on_generated_years_in_any_order(current: CurrentState, story: Story, seed: int, batch: int) -> None:
    current.tell(disturbed(story.told, seed), batch=batch)
    agree(current, story.facts())


@given(story=worlds.years(), seed=st.integers(0, 2**31), cut=st.integers(0, 100))
@some
def test_when_everything_happens_and_some_of_it_is_replayed_later(
    current: CurrentState, story: Story, seed: int, cut: int
) -> None:
    """What was a dead letter comes after everything that followed it."""
    told = disturbed(story.told, seed)
    letters = told[cut : cut + 3]
    current.tell([one for one in told if one not in letters])
    current.add(letters or told[:1])
    agree(current, story.facts())


@given(story=worlds.years(), cut=st.integers(0, 100))
@some
def test_what_was_known_at_a_time(current: CurrentState, story: Story, cut: int) -> None:
    cut = 1 + cut % len(story.told)
    since = RECORDED + timedelta(days=1)
    later = [stamped(one, recorded_at=since) for one in story.told[cut:]]
    current.tell([*later, *story.told[:cut]])
    expected = cofinancing(story.facts(story.told[:cut]), TODAY)
    assert current.cofinancing_known_at(RECORDED, TODAY) == expected
    assert current.cofinancing_known_at(since, TODAY) == current.cofinancing(TODAY, TODAY)


@given(told=test_merges.stories(), seed=st.integers(0, 2**31))
@some
def test_when_people_turn_out_to_be_one(current: CurrentState, told: tuple[Story, object], seed: int) -> None:
    story, _ = told
    current.tell(disturbed(story.told, seed))
    agree(current, story.facts())
