"""A person's day of sessions that overlap one after the other, in the service's own database: whatever is marked and
decided, in whatever order, makes no more minutes than the clock had.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.support import databases
from tests.support.school import NINE, School, got, mark
from tests.support.services import api
from tests.support.stack import Stack
from tests.support.story import Session, occasion

HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Chain:
    """Occasions, each sharing time with the next, as half hours from nine: (begin, end).

    `own`: occasions that belong to the session of the last but one. `said`: what is marked of each; `minutes`: what a
    person decides where that contradicts another. `order`: in which they are marked.
    """

    occasions: list[tuple[int, int]]
    own: set[int]
    walked_in: set[int]
    said: list[tuple[str, int]]
    minutes: list[int]
    order: list[int]


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    occasions = [(0, draw(st.integers(2, 5)))]
    for _ in range(draw(st.integers(1, 5))):
        begin, end = occasions[-1]
        begins = draw(st.integers(begin + 1, end - 1))
        occasions.append((begins, max(end + 1, begins + draw(st.integers(2, 5)))))
    numbers = range(len(occasions))
    apart = [n for n in numbers if n > 1 and occasions[n][0] >= occasions[n - 2][1]]
    ways = ("whole", "minutes", "arrived", "left")
    return Chain(
        occasions,
        draw(st.sets(st.sampled_from(apart))) if apart else set(),
        draw(st.sets(st.sampled_from(numbers))),
        [(draw(st.sampled_from(ways)), draw(st.integers(1, 3))) for _ in numbers],
        [30 * draw(st.integers(1, 5)) for _ in numbers],
        draw(st.permutations(numbers)),
    )


class Day:
    """The chain as one person's day at the school."""

    def __init__(self, school: School, chain: Chain) -> None:
        self.school, self.chain, self.person = school, chain, uuid4()
        self.places: list[tuple[Session, int]] = []

    async def book(self) -> None:
        for number, (begin, end) in enumerate(self.chain.occasions):
            starts, minutes = NINE + begin * HALF_HOUR, 30 * (end - begin)
            if number in self.chain.own:
                session = self.places[number - 2][0]
                session.occasions.append(occasion(session.name, len(session.occasions), starts, minutes, 0))
            else:
                session = self.school.planned(uuid4(), (starts, minutes), trainers=[uuid4()])
            self.places.append((session, len(session.occasions) - 1))
        sessions = {session.id: session for session, _ in self.places}
        walked_in = {self.places[number][0].id for number in self.chain.walked_in}
        await self.school.tell(*(self.school.scheduled(session) for session in sessions.values()))
        came: dict[UUID, dict[str, Any]] = {key: {"walk_in_id": uuid4()} for key in walked_in}
        seats = [self.school.confirmed(one, self.person, **came.get(one.id, {})) for one in sessions.values()]
        await self.school.tell(*seats)

    async def mark(self, number: int) -> None:
        """One occasion is marked; what contradicts is decided, unless the service refuses that too."""
        session, place = self.places[number]
        [outcome] = await self.school.outcomes(session, mark(session, self.person, occasion=place, **self.says(number)))
        if outcome != "conflict":
            return
        path = "/attendance/v1/conflicts"
        for conflict in (await got(self.school.coordinator, f"{path}?session={session.id}"))["items"]:
            body = {"choose": self.chain.minutes[number], "reason": "Enligt deltagaren"}
            answer = await self.school.coordinator.post(f"{path}/{conflict['id']}/resolve", json=body)
            assert answer.status_code in (200, 409, 422), answer.text

    def says(self, number: int) -> dict[str, Any]:
        way, half_hours = self.chain.said[number]
        begin, end = (NINE + half * HALF_HOUR for half in self.chain.occasions[number])
        ways: dict[str, dict[str, Any]] = {
            "whole": {},
            "minutes": {"minutes": 30 * half_hours},
            "arrived": {"arrived_at": min(end, begin + half_hours * HALF_HOUR).isoformat()},
            "left": {"left_at": min(end, begin + half_hours * HALF_HOUR).isoformat()},
        }
        return ways[way]

    async def minutes(self) -> dict[int, int]:
        """What each occasion counts."""
        asked = "SELECT occasion_id, minutes FROM cells WHERE participant_id = $1"
        rows = await self.school.origin.rows("attendance", asked, self.person)
        known: dict[UUID, int] = {row["occasion_id"]: row["minutes"] for row in rows}
        ids = [session.occasions[place].occasion_id for session, place in self.places]
        return {number: known[occasion_id] for number, occasion_id in enumerate(ids)}


@pytest.fixture(scope="module")
def school(stack: Stack) -> Iterator[tuple[School, asyncio.Runner]]:
    with asyncio.Runner() as runner:
        resources = AsyncExitStack()

        async def opened() -> School:
            database = await resources.enter_async_context(databases.cloned(stack.admin_url, "attendance"))
            return School(await resources.enter_async_context(api(stack, "attendance", database=database)))

        yield runner.run(opened()), runner
        runner.run(resources.aclose())


@given(chain=chains())
@settings(max_examples=20, phases=[Phase.reuse, Phase.generate])  # each is a day of requests: too slow to shrink
def test_sessions_that_overlap_in_a_chain_take_no_more_than_their_time(
    school: tuple[School, asyncio.Runner], chain: Chain
) -> None:
    at, runner = school
    counted = runner.run(worked_out(at, chain))
    ends = {edge for occasion in chain.occasions for edge in occasion}
    for begin, end in combinations(sorted(ends), 2):
        within = [number for number, (since, until) in enumerate(chain.occasions) if begin <= since and until <= end]
        assert sum(counted[number] for number in within) <= 30 * (end - begin), (begin, end, counted)


async def worked_out(school: School, chain: Chain) -> dict[int, int]:
    day = Day(school, chain)
    await day.book()
    for number in chain.order:
        await day.mark(number)
    return await day.minutes()
