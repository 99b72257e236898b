"""The collector of a long-lived process still finds cycles, and seldom looks for them."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from shared.collector import relax, rest


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


class Knot:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.own = self


def looks() -> int:
    return sum(generation["collections"] for generation in gc.get_stats())


def test_a_batch_of_events_is_not_interrupted() -> None:
    relax()
    before = looks()
    batch = [{"number": [number]} for number in range(5_000)]
    assert (looks() - before, len(batch)) == (0, 5_000)


def test_it_rests_until_everything_is_loaded() -> None:
    rest()
    before = looks()
    loaded = [{"number": [number]} for number in range(100_000)]
    assert (looks() - before, len(loaded)) == (0, 100_000)
    relax()
    assert gc.isenabled()


def test_what_is_loaded_is_left_alone() -> None:
    relax()
    assert gc.get_freeze_count() > 1_000


def test_cycles_are_still_found() -> None:
    relax()
    gone = weakref.ref(Knot())
    kept: list[list[int]] = []
    while gone() is not None:
        kept.append([])
        assert len(kept) < 10_000_000, "nobody looked"
