"""Marks that share a transaction: what comes of the calls is what came of them one after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from operator import add
from typing import Any
from uuid import UUID, uuid5

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.attendance.marks import http as marks_http
from services.attendance.marks import together
from services.attendance.marks.record import record_marks
from services.attendance.phone import http as phone_http
from services.attendance.phone import sync_together
from services.attendance.phone.sync import sync
from shared.security.roles import Role
from tests.support.clock import FixedClock
from tests.support.lanes import held, lane_of
from tests.support.school import ALWAYS, NINE, School
from tests.support.services import api
from tests.support.stack import Stack
from tests.support.story import Session

NOW = NINE + timedelta(hours=4)
NAMES = UUID(int=12)
SYNC, MARKS = "/v1/sync", "/v1/sessions/{session_id}/marks"
OFFICE = 3
"""The coordinator among those who send; 0 teaches two rolls, 1 the third, and 2 none."""
TEACHING = (0, 0, 1)
REGISTERED = {0: (0, 1, 5), 1: (2, 3), 2: (4, 5)}
"""Who stands on which roll. The fifth stands on two at one time, the sixth on none."""
ON_TWO_ROLLS = 5
ROWS = "SELECT * FROM {} WHERE session_id = ANY ($1)"
REFUSED = """
    SELECT session_id, mark_id, problem, content, device_id, refused_for, received_at FROM refused_marks
     WHERE session_id = ANY ($1)
"""
CONFLICTS = """
    SELECT session_id, participant_id, kind, marks, opened_at, resolved_at, resolved_by, revision, resolution
      FROM conflicts WHERE session_id = ANY ($1)
"""
# What takes minutes back is called after its conflict, whose id is new.
EVENTS = """
    SELECT topic, key, headers ->> 'ce_type' AS type, headers ->> 'ce_correlationid' AS request,
           convert_from(value, 'UTF8')::jsonb
           - CASE WHEN headers ->> 'ce_type' LIKE '%corrected%' THEN 'mark_id' ELSE '' END AS data
      FROM outbox WHERE key = ANY (ARRAY(SELECT id::text FROM unnest($1::uuid[]) AS id))
"""
ORDER = """
    SELECT key, array_agg(headers ->> 'ce_correlationid' ORDER BY sequence) AS requests
      FROM outbox WHERE key = ANY (ARRAY(SELECT id::text FROM unnest($1::uuid[]) AS id)) GROUP BY key
"""
STATE = (
    *(ROWS.format(table) for table in ("rolls", "marks", "cells", "walk_ins", "head_counts")),
    REFUSED,
    CONFLICTS,
    EVENTS,
    ORDER,
)
KEPT = "SELECT count(*) AS kept FROM idempotency_keys WHERE key LIKE $1"


@dataclass(frozen=True)
class Tap:
    """A mark; `number` is its id's on a roll. `sent`: as it should be, or without what makes it one.

    No id comes on two rolls: two calls that go alone at one moment would meet in it, and one be told to come again.
    """

    number: int
    person: int
    status: str
    minutes: int | None
    base_version: int
    sent: str


@dataclass(frozen=True)
class Call:
    """One request: marks for rolls, by the phone's call or, on the first of them, by the call for one session."""

    by: int
    together: bool
    device: str
    rolls: Mapping[int, list[Tap]]
    walk_in: int | None
    head_count: int | None
    key: str | None


taps = st.builds(
    Tap,
    number=st.integers(0, 7),
    person=st.integers(0, 6),
    status=st.sampled_from(("present", "present", "absent")),
    minutes=st.sampled_from((None, None, 60, -1)),
    base_version=st.sampled_from((0, 1, 1, 9)),
    sent=st.sampled_from(("mark", "mark", "mark", "walk-in", "nonsense")),
)
calls = st.builds(
    Call,
    by=st.sampled_from((0, 0, 1, 1, 2, OFFICE)),
    together=st.sampled_from((True, True, False)),
    device=st.sampled_from(("one", "other")),
    rolls=st.dictionaries(st.integers(0, 2), st.lists(taps, min_size=1, max_size=3), min_size=1, max_size=2),
    walk_in=st.sampled_from((None, None, 0, 1)),
    head_count=st.sampled_from((None, None, 0, 1)),
    key=st.sampled_from((None, None, "a", "b")),
)


@dataclass(frozen=True)
class Scene:
    """Which rolls are sealed, what was sent before, and what is sent at one moment."""

    sealed: set[int]
    before: list[Call]
    together: list[Call]


THERE = Tap(0, ON_TWO_ROLLS, "present", None, 1, "mark")
some_calls = st.lists(calls, min_size=3, max_size=8)


def of_one_person(both: Sequence[Call]) -> list[Call]:
    """Two trainers mark the person who stands on a roll of each."""
    return [
        replace(call, by=TEACHING[roll], together=True, rolls={roll: [THERE]}, key=None)
        for roll, call in zip((0, 2), both, strict=True)
    ]


scenes = st.builds(
    Scene,
    sealed=st.sampled_from((set(), set(), {1}, {2})),
    before=st.lists(st.builds(replace, calls, key=st.none()), max_size=2),
    together=some_calls | st.builds(add, st.tuples(calls, calls).map(of_one_person), some_calls),
)


@dataclass
class Twin:
    """One of two schools with the same rolls; what it shows names everything by its number."""

    school: School
    name: str
    example: str = ""
    sessions: list[Session] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def id(self, kind: str, number: int) -> UUID:
        found = uuid5(NAMES, f"{self.name} {self.example} {kind} {number}")
        self.known[str(found)] = f"{kind} {number}"
        return found

    async def begin(self, scene: Scene, example: str) -> None:
        self.example, self.known = example, {}
        told = []
        self.sessions = []
        for number, trainer in enumerate(TEACHING):
            name, trainers = self.id("session", number), [self.id("trainer", trainer)]
            session = self.school.planned(name, (NINE, 180), breaks=15, trainers=trainers)
            self.known[str(session.occasions[0].occasion_id)] = f"occasion {number}"
            self.sessions.append(session)
            told.append(self.school.scheduled(session))
        for number, people in REGISTERED.items():
            told += [self.school.confirmed(self.sessions[number], self.id("person", one)) for one in people]
        await self.school.tell(*told)
        for number, call in enumerate(scene.before):
            await self.ask(call, f"before-{number}")
        for number in scene.sealed:
            await self.school.origin.rows(
                "attendance", "UPDATE rolls SET state = 'attested' WHERE session_id = $1", self.sessions[number].id
            )

    async def ask(self, call: Call, request: str) -> httpx2.Response:
        headers = {"X-Request-Id": request, "Accept-Language": ("sv", "en")[call.by % 2]}
        if call.key is not None:
            headers["Idempotency-Key"] = f"{self.example}-{self.name}-{call.key}"
        body: dict[str, Any] = {"device_id": call.device, "device_time": NOW.isoformat()}
        if call.together and call.by != OFFICE:
            body["sessions"] = [self._noted(call, roll) for roll in call.rolls]
            return await self._client(call.by).post("/attendance/v1/sync", json=body, headers=headers)
        roll = min(call.rolls)
        if call.by == OFFICE and call.device == "other":
            body["on_behalf_of"] = str(self.id("trainer", 0))
        body["marks"] = [self._mark(tap, roll) for tap in call.rolls[roll]]
        path = f"/attendance/v1/sessions/{self.sessions[roll].id}/marks"
        return await self._client(call.by).post(path, json=body, headers=headers)

    def _client(self, by: int) -> httpx2.AsyncClient:
        if by == OFFICE:
            return self.school.coordinator
        trainer = self.id("trainer", by)
        return self.school.origin.client(Role.TRAINER, trainer_id=trainer, subject=f"trainer-{by}", **ALWAYS)

    def _noted(self, call: Call, roll: int) -> dict[str, Any]:
        noted: dict[str, Any] = {"session_id": str(self.sessions[roll].id)}
        noted["marks"] = [self._mark(tap, roll) for tap in call.rolls[roll]]
        if call.walk_in is not None:
            noted["walk_ins"] = [
                {"walk_in_id": str(self.id(f"walk-in on {roll}", call.walk_in)), "municipality": "1884"}
            ]
        if call.head_count is not None:
            occasion = str(self.sessions[roll].occasions[0].occasion_id)
            count = {
                "head_count_id": str(self.id(f"count on {roll}", call.head_count)),
                "occasion_id": occasion,
                "count": 7,
            }
            noted["head_counts"] = [count]
        return noted

    def _mark(self, tap: Tap, roll: int) -> dict[str, Any]:
        session = self.sessions[roll]
        whom = {"participant_id": str(self.id("person", tap.person))}
        if tap.sent == "walk-in":
            whom = {"walk_in_id": str(self.id(f"walk-in on {roll}", 0))}
        return {
            "mark_id": str(self.id(f"mark on {roll}", tap.number)),
            **(whom if tap.sent != "nonsense" else {}),
            "occasion_id": str(session.occasions[0].occasion_id),
            "status": tap.status,
            "minutes": tap.minutes,
            # Each at another minute: of two at one moment the lower id goes first, in which the twins differ.
            "marked_at": (NINE + timedelta(minutes=tap.number)).isoformat(),
            "base_version": tap.base_version,
        }

    def told(self, answer: httpx2.Response) -> str:
        body = answer.json()
        body.pop("instance", None)
        kept = ("content-type", "idempotent-replayed", "retry-after")
        headers = {name: answer.headers[name] for name in kept if name in answer.headers}
        return self.numbered((answer.status_code, headers, body))

    async def state(self) -> list[list[str]]:
        ids = [session.id for session in self.sessions]
        rows = [await self.school.origin.rows("attendance", each, ids) for each in STATE]
        rows.append(await self.school.origin.rows("attendance", KEPT, f"{self.example}-{self.name}-%"))
        return [sorted(self.numbered(row) for row in found) for found in rows]

    def numbered(self, thing: Any) -> str:
        text = repr(thing)
        for found, name in self.known.items():
            text = text.replace(found, name)
        return text


class Order:
    """In which order calls were decided, by their requests' ids: those of a batch, and those alone."""

    def __init__(self) -> None:
        self.decided: list[str] = []
        self.together = 0

    def alone(self, act: Callable[..., Awaitable[Any]]) -> Any:
        async def noting(unit: Any, *rest: Any) -> Any:
            found = await act(unit, *rest)
            self.decided.append(unit.cause.correlation_id or "")
            return found

        return noting

    def in_batch(self, record: Callable[..., Awaitable[Any]]) -> Any:
        async def noting(sent: Any) -> Any:
            found = await record(sent)
            self.together += len(sent)
            self.decided += [one.unit.cause.correlation_id for one in sent]
            return found

        return noting


async def both_ways(one: Twin, other: Twin, scene: Scene, order: Order, example: str) -> None:
    """The calls of a scene at one moment, and one after the other in the order in which they were decided."""
    for twin in (one, other):
        await twin.begin(scene, example)
    order.decided.clear()
    calls = {str(number): call for number, call in enumerate(scene.together)}
    phones = sum(call.together and call.by != OFFICE for call in calls.values())
    lanes = [lane_of(one.school.origin, path, "attendance") for path in (SYNC, MARKS)]
    async with held(lanes[0], phones), held(lanes[1], len(calls) - phones):
        asked = [asyncio.create_task(one.ask(call, request)) for request, call in calls.items()]
    answers = dict(zip(calls, [one.told(await each) for each in asked], strict=True))
    for request, told in answers.items():
        # The first one with its key, or with its mark on another roll, was still at work: as clients do.
        if any(name in told for name in ("request-in-progress", "concurrent-change")):
            answers[request] = one.told(await one.ask(calls[request], request))
    decided = [request for request in dict.fromkeys(order.decided) if request in calls]
    for request in [*decided, *(each for each in calls if each not in decided)]:
        assert answers[request] == other.told(await other.ask(calls[request], request)), (calls[request], decided)
    assert await one.state() == await other.state(), decided


def test_together_is_one_after_the_other(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    order = Order()
    monkeypatch.setattr(phone_http, "sync", order.alone(sync))
    monkeypatch.setattr(marks_http, "record_marks", order.alone(record_marks))
    for module in (together, sync_together):
        monkeypatch.setattr(module, "record_together", order.in_batch(together.record_together))
    with asyncio.Runner() as runner:
        resources = AsyncExitStack()

        async def opened() -> list[Twin]:
            origin = await resources.enter_async_context(api(stack, "attendance", clock=FixedClock(NOW)))
            twins = [Twin(School(origin), name) for name in ("one", "other")]
            first = Call(0, False, "one", {0: []}, None, None, None)  # the first request makes the lane
            await twins[0].begin(Scene(set(), [first, replace(first, together=True)], []), "first")
            return twins

        try:
            one, other = runner.run(opened())
            number = 0

            @settings(max_examples=15, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
            @given(scenes)
            def check(scene: Scene) -> None:
                nonlocal number
                number += 1
                runner.run(both_ways(one, other, scene, order, str(number)))

            check()
            assert order.together, "some went together"
        finally:
            runner.run(resources.aclose())
