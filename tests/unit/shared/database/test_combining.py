"""One lane: who goes alone, who together, and that nobody is forgotten."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.database import combining
from shared.database.combining import MOST, PAUSES, Fate, Lane, Outcome, let_pass
from tests.support.eventually import eventually, turns


class Road:
    """A lane whose requests are numbers; what it saw, batch by batch. `gate` lets batches, and who goes alone, end."""

    def __init__(self, *outcomes: Sequence[Outcome[str]] | Exception, weight: int = 1, patience: float = 3.0) -> None:
        self.lane: Lane[int, str] = Lane(self.handle, lambda _: weight, patience)
        self.outcomes = list(outcomes)
        self.batches: list[list[int]] = []
        self.alone: list[int] = []
        self.gate = asyncio.Event()

    async def handle(self, items: Sequence[int]) -> Sequence[Outcome[str]]:
        self.batches.append(list(items))
        found = self.outcomes.pop(0) if self.outcomes else [f"{item} together" for item in items]
        if isinstance(found, Exception):
            raise found
        return found

    def come(self, *items: int) -> list[asyncio.Task[str]]:
        return [asyncio.create_task(self.one(item)) for item in items]

    async def one(self, item: int) -> str:
        async def by_itself() -> str:
            self.alone.append(item)
            await self.gate.wait()
            return f"{item} alone"

        return await self.lane.take(item, by_itself)

    async def waiting(self, requests: int) -> None:
        await eventually(lambda: len(self.lane._queue) == requests)


@pytest.fixture(autouse=True)
def hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is alone holds the lane for as long as it takes."""
    monkeypatch.setattr(combining, "ALONE_SECONDS", 60.0)


async def answers(*tasks: asyncio.Task[str]) -> list[str | Exception]:
    found = await asyncio.gather(*tasks, return_exceptions=True)
    return [one for one in found if isinstance(one, str | Exception)]


async def begun(road: Road, *others: int) -> tuple[asyncio.Task[str], list[asyncio.Task[str]]]:
    """The first request is at work alone, and the others wait."""
    [first] = road.come(0)
    await eventually(lambda: road.alone == [0])
    tasks = road.come(*others)
    await road.waiting(len(others))
    return first, tasks


async def test_who_comes_while_one_is_at_work_goes_with_the_others() -> None:
    road = Road()
    first, others = await begun(road, 1, 2, 3)
    road.gate.set()
    assert await answers(first, *others) == ["0 alone", "1 together", "2 together", "3 together"]
    assert (road.alone, road.batches) == ([0], [[1, 2, 3]])


async def test_whose_turn_does_not_come_in_time_is_told() -> None:
    road = Road(patience=0.0)
    first, others = await begun(road, 1, 2)
    road.gate.set()
    alone, *told = await answers(first, *others)
    assert alone == "0 alone"
    assert [type(one) for one in told] == [PoolTimeout] * 2
    assert (road.alone, road.batches) == ([0], [])
    assert await answers(*road.come(3)) == ["3 alone"]


async def test_a_single_one_that_waited_goes_alone_and_has_the_lane_meanwhile() -> None:
    road = Road()
    first, others = await begun(road, 1)
    road.gate.set()
    assert await answers(first, *others) == ["0 alone", "1 alone"]
    assert await answers(*road.come(2)) == ["2 alone"]
    assert (road.alone, road.batches) == ([0, 1, 2], [])


async def test_a_batch_is_no_larger_than_the_most() -> None:
    road = Road()
    first, others = await begun(road, *range(1, MOST + 3))
    road.gate.set()
    await answers(first, *others)
    assert [len(batch) for batch in road.batches] == [MOST, 2]


@pytest.mark.parametrize(("weight", "batches", "alone"), [(MOST // 2, [[1, 2]], [0, 3]), (2 * MOST, [], [0, 1, 2, 3])])
async def test_of_heavier_ones_a_batch_holds_fewer(weight: int, batches: list[list[int]], alone: list[int]) -> None:
    road = Road(weight=weight)
    first, others = await begun(road, 1, 2, 3)
    road.gate.set()
    await answers(first, *others)
    assert (road.batches, road.alone) == (batches, alone)


async def test_one_that_lasts_long_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combining, "ALONE_SECONDS", 0.01)
    road = Road()
    [first] = road.come(0)
    await eventually(lambda: road.alone == [0])
    await eventually(lambda: road.lane._hold is None)
    [second] = road.come(1)
    await eventually(lambda: road.alone == [0, 1])
    road.gate.set()
    assert await answers(first, second) == ["0 alone", "1 alone"]


async def test_what_is_said_of_one_is_no_matter_of_the_others() -> None:
    refusal = ValueError("no")
    road = Road(["1 together", refusal, Fate.ALONE])
    first, others = await begun(road, 1, 2, 3)
    road.gate.set()
    assert await answers(first, *others) == ["0 alone", "1 together", refusal, "3 alone"]


async def test_a_batch_that_fails_is_done_again_one_by_one() -> None:
    road = Road(ConnectionError("gone"))
    first, others = await begun(road, 1, 2)
    road.gate.set()
    assert await answers(first, *others) == ["0 alone", "1 alone", "2 alone"]


async def test_too_few_answers_are_told_to_all_and_nobody_is_handled_again() -> None:
    road = Road(["1 together"])
    first, others = await begun(road, 1, 2)
    road.gate.set()
    alone, *told = await answers(first, *others)
    assert alone == "0 alone"
    assert [type(one) for one in told] == [RuntimeError] * 2
    assert (road.alone, road.batches) == ([0], [[1, 2]])
    assert await answers(*road.come(3)) == ["3 alone"]


async def test_what_can_wait_lets_those_pass_who_share_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combining, "CALM_SECONDS", 60.0)
    road = Road()
    first, others = await begun(road, 1, 2)
    await let_pass({"road": road.lane})  # one alone is no crowd
    road.gate.set()
    await answers(first, *others)
    assert road.lane.crowded, "those who were just answered may ask again"
    waits = asyncio.create_task(let_pass({"road": road.lane}))
    await asyncio.wait([waits], timeout=combining.LOOK_SECONDS)
    assert not waits.done()
    road.lane._crowded_until = 0.0
    await waits


async def test_what_can_wait_lets_others_pass_too() -> None:
    behind = True
    waits = asyncio.create_task(let_pass({}, lambda: behind))
    await asyncio.wait([waits], timeout=combining.LOOK_SECONDS)
    assert not waits.done()
    behind = False
    await waits


async def test_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combining, "LONGEST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(combining, "CALM_SECONDS", 60.0)
    road = Road()
    first, others = await begun(road, 1, 2)
    road.gate.set()
    await answers(first, *others)
    await let_pass({"road": road.lane})
    assert road.lane.crowded


async def test_who_goes_behind_a_lane_waits_until_all_in_it_are_served_but_not_for_ever() -> None:
    road = Road()
    await road.lane.go_behind(60.0)  # nobody is there
    first, others = await begun(road, 1, 2)
    await road.lane.go_behind(0.0)
    waits = asyncio.create_task(road.lane.go_behind(60.0))
    await turns(3)
    assert not waits.done()
    road.gate.set()
    await answers(first, *others)
    await waits
    assert road.batches == [[1, 2]]


async def test_who_went_behind_a_lane_first_goes_on_first() -> None:
    road = Road()
    went: list[int] = []

    async def behind(nr: int) -> None:
        await road.lane.go_behind(60.0)
        went.append(nr)

    first, others = await begun(road, 1, 2)
    waiting = [asyncio.create_task(behind(nr)) for nr in range(5)]
    await turns(2)
    waiting.pop(2).cancel()
    road.gate.set()
    await answers(first, *others)
    await asyncio.gather(*waiting)
    assert went == [0, 1, 3, 4]


async def test_who_stands_in_the_way_comes_again_a_few_times_and_then_goes_alone() -> None:
    road = Road(*[[Fate.AGAIN, Fate.AGAIN]] * (len(PAUSES) + 1))
    first, others = await begun(road, 1, 2)
    road.gate.set()
    assert await answers(first, *others) == ["0 alone", "1 alone", "2 alone"]
    assert road.batches == [[1, 2]] * (len(PAUSES) + 1)


async def test_whose_caller_left_is_not_handled_and_keeps_nobody_waiting() -> None:
    road = Road()
    first, others = await begun(road, 1, 2, 3)
    others[1].cancel()
    await asyncio.wait([others[1]])
    road.gate.set()
    assert await answers(first, others[0], others[2]) == ["0 alone", "1 together", "3 together"]
    assert road.batches == [[1, 3]]


async def test_a_caller_that_left_when_its_turn_came_gives_the_lane_back(monkeypatch: pytest.MonkeyPatch) -> None:
    road = Road()
    first, [second] = await begun(road, 1)
    monkeypatch.setattr(combining, "ALONE_SECONDS", 0.01)
    road.gate.set()
    await first
    second.cancel()
    await asyncio.wait([second])
    await eventually(lambda: road.lane._hold is None)
    assert await answers(*road.come(2)) == ["2 alone"]
