"""Registrations that share a transaction: what comes of them is what came of them one after the other."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.booking.registrations import http, register_together
from services.booking.registrations.register import Application, Result, register
from shared.database.combining import Fate
from shared.database.unit_of_work import Unit
from tests.support.answers import Json, if_match, ok
from tests.support.booking_world import DAY, HOUR, NORA, NOW, OREBRO, World, booking_world
from tests.support.lanes import held, lane_of
from tests.support.stack import Stack

T = TypeVar("T")
PEOPLE = 8
EACH = 3 * DAY
"""After which the next example happens, in its own time."""
STRICT = 5
"""So many examples have a strict queue, the others one in which who fits may pass."""
ROWS = """
    SELECT session_id, participant_id, municipality, status, via, entry_order, support_needs, registered_at,
           confirmed_at, entry_id IS NOT NULL AS queued, entry_id = id AS alone
      FROM registrations WHERE session_id = ANY($1::uuid[]) ORDER BY session_id, participant_id, registered_at, status
"""
QUEUE = """
    SELECT e.session_id, r.participant_id, e.minimum, e.whole, e.place FROM waiting_entries e
      JOIN registrations r ON r.entry_id = e.id WHERE e.session_id = ANY($1::uuid[]) ORDER BY 1, e.place
"""
AUDIT = """
    SELECT a.actor, a.actor_role, a.action, r.session_id, r.participant_id FROM audit a
      JOIN registrations r ON a.target = 'registration/' || r.id WHERE r.session_id = ANY($1::uuid[])
     ORDER BY r.session_id, r.participant_id, a.action, a.actor
"""
EVENTS = """
    SELECT key AS session_id, sequence, headers ->> 'ce_type' AS type, headers ->> 'ce_correlationid' AS request,
           headers ->> 'ce_time' AS at, convert_from(value, 'UTF8')::jsonb - 'registration_id' - 'employment_id' AS data
      FROM outbox WHERE key = ANY($1::text[]) AND headers ->> 'ce_type' LIKE '%.registration-%' ORDER BY key, sequence
"""
DECISIONS = (
    "SELECT session_id, decision, why, needed, available FROM queue_decisions WHERE session_id = ANY($1::uuid[])"
)
KEYS = "SELECT count(*) AS kept FROM idempotency_keys WHERE key LIKE $1"


@dataclass(frozen=True)
class Wish:
    """Somebody asks for a seat for somebody; `key` is the request's Idempotency-Key."""

    person: int
    session: int
    by: str | None
    waitlist: bool
    policy: str
    key: str | None
    needs: bool
    also: int | None = None
    """A second person of the same request, which makes it one that goes alone."""

    @property
    def people(self) -> list[int]:
        return [self.person] if self.also in (None, self.person) else [self.person, self.also or 0]


wishes = st.builds(
    Wish,
    person=st.integers(0, PEOPLE - 1),
    session=st.sampled_from((0, 0, 0, 1)),
    by=st.sampled_from((None, None, NORA, OREBRO)),
    waitlist=st.sampled_from((True, True, False)),
    policy=st.sampled_from(("all", "any")),
    key=st.sampled_from((None, None, "a", "b")),
    needs=st.booleans(),
)


@dataclass(frozen=True)
class Scene:
    """How two sessions at one time, of the same course, are made and filled before."""

    capacity: int
    share: int
    eve: bool
    before: list[Wish]
    together: list[Wish]


scenes = st.builds(
    Scene,
    capacity=st.integers(1, 4),
    share=st.integers(0, 2),
    eve=st.sampled_from((False, False, False, True)),
    before=st.lists(st.builds(replace, wishes, key=st.none(), also=st.integers(0, PEOPLE - 1) | st.none()), max_size=4),
    together=st.lists(wishes, min_size=2, max_size=9),
)


@dataclass
class Twin:
    """One of two sets of the same people and sessions; what it shows names them by their number."""

    world: World
    name: str
    staff: list[str]
    participants: list[str]
    sessions: list[str]

    @classmethod
    async def made(cls, world: World, name: str) -> "Twin":
        staff = [await world.staff((NORA, OREBRO)[number % 2]) for number in range(PEOPLE)]
        participants = [(await world.get(f"/booking/v1/staff/{one}"))["participant_id"] for one in staff]
        return cls(world, name, staff, participants, [])

    async def begin(self, scene: Scene, at: datetime) -> None:
        share = min(scene.share, scene.capacity)
        release = (at + HOUR).isoformat()
        shares: Json = {"seat_shares": {NORA: share}, "shares_release_at": release} if share else {}
        starts = at + (5 * HOUR if scene.eve else DAY)
        self.sessions = [
            await self.world.session(scene.capacity, starts=starts, **shares),
            await self.world.session(2, starts=starts + HOUR),
        ]
        for number, wish in enumerate(scene.before):
            await self.ask(wish, f"before-{number}", "")

    async def ask(self, wish: Wish, request: str, example: str) -> httpx2.Response:
        client = self.world.coordinator if wish.by is None else self.world.municipality(wish.by)
        headers = {"X-Request-Id": request, "Accept-Language": ("sv", "en")[wish.person % 2]}
        if wish.key is not None:
            headers["Idempotency-Key"] = f"{example}-{self.name}-{wish.key}"
        body: Json = {
            "staff": [self.staff[one] for one in wish.people],
            "policy": wish.policy,
            "waitlist": wish.waitlist,
        }
        if wish.needs:
            body["support_needs"] = {self.staff[wish.person]: ["sign_interpreter"]}
        path = f"/booking/v1/sessions/{self.sessions[wish.session]}/registrations"
        return await client.post(path, json=body, headers=headers)

    def told(self, answer: httpx2.Response) -> Any:
        """An answer with the things of this twin by their number, and without what is always new."""
        body = answer.json()
        for result in body.get("results", ()):
            result["registration_id"] = "new" if "registration_id" in result else None
        body.pop("instance", None)
        kept = ("content-type", "idempotent-replayed", "retry-after", "etag", "location")
        headers = {name: answer.headers[name] for name in kept if name in answer.headers}
        return self.numbered((answer.status_code, headers, body))

    async def state(self, example: str) -> Any:
        """What the database holds of its sessions."""
        ids = [UUID(session) for session in self.sessions]
        rows = [await self.world.origin.rows("booking", each, ids) for each in (ROWS, QUEUE, AUDIT, DECISIONS)]
        rows.append(await self.world.origin.rows("booking", EVENTS, self.sessions))
        rows.append(await self.world.origin.rows("booking", KEYS, f"{example}-{self.name}-%"))
        return [sorted(map(repr, (self.numbered(row) for row in found))) for found in rows]

    def numbered(self, thing: Any) -> Any:
        text = repr(thing)
        for kind in ("staff", "participants", "sessions"):
            for number, one in enumerate(getattr(self, kind)):
                text = text.replace(one, f"{kind} {number}")
        return text


class Order:
    """In which order registrations were decided, by their requests' ids: those of a batch, and those alone."""

    def __init__(self) -> None:
        self.decided: list[str] = []
        self.together = 0

    def alone(self, register: Callable[..., Awaitable[list[Result]]]) -> Any:
        async def noting(unit: Unit, application: Application) -> list[Result]:
            try:
                return await register(unit, application)
            finally:
                self.decided.append(unit.cause.correlation_id or "")

        return noting

    def in_batch(self, answer: Callable[..., Any]) -> Any:
        def noting(batch: Any, member: Any) -> Any:
            found = answer(batch, member)
            if not isinstance(found, Fate):
                self.together += 1
                self.decided.append(member.unit.cause.correlation_id)
            return found

        return noting


async def both_ways(one: Twin, other: Twin, scene: Scene, order: Order, example: str, at: datetime) -> None:
    """The wishes of a scene at one moment, and one after the other in the order in which they were decided."""
    for twin in (one, other):
        await twin.begin(scene, at)
    order.decided.clear()
    wishes = {str(number): wish for number, wish in enumerate(scene.together)}
    async with held(lane_of(one.world.origin), len(wishes)):
        asked = [asyncio.create_task(one.ask(wish, request, example)) for request, wish in wishes.items()]
    answers = dict(zip(wishes, [one.told(await each) for each in asked], strict=True))
    for request, told in answers.items():
        if "request-in-progress" in told:  # the first one with its key was still at work: as clients do
            answers[request] = one.told(await one.ask(wishes[request], request, example))
    decided = list(dict.fromkeys(order.decided))
    for request in [*decided, *(each for each in wishes if each not in decided)]:
        assert answers[request] == other.told(await other.ask(wishes[request], request, example)), wishes[request]
    assert await one.state(example) == await other.state(example)


async def let_pass(world: World, since: datetime) -> None:
    """From then on an entry may pass one that is too big for what is free."""
    seen = await world.coordinator.get("/booking/v1/project")
    project = seen.json()
    project["settings"] += [{"key": "queue_order", "value": "skip_if_too_big", "valid_from": str(since.date())}]
    ok(await world.coordinator.put("/booking/v1/project", json=project, headers=if_match(seen)))


def test_together_is_one_after_the_other(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    order = Order()
    monkeypatch.setattr(http, "register", order.alone(register))
    monkeypatch.setattr(register_together._Batch, "answer", order.in_batch(register_together._Batch.answer))
    with asyncio.Runner() as runner:
        opened = booking_world(stack)
        world = runner.run(opened.__aenter__())
        try:
            runner.run(let_pass(world, NOW + STRICT * EACH))
            runner.run(world.register(str(uuid4()), str(uuid4())))  # the first request makes the lane
            one, other = (runner.run(Twin.made(world, name)) for name in ("one", "other"))
            number = 0

            @settings(max_examples=10, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
            @given(scenes)
            def check(scene: Scene) -> None:
                nonlocal number
                number += 1
                world.clock.at = NOW + number * EACH
                runner.run(both_ways(one, other, scene, order, str(number), world.clock.at))

            check()
            assert order.together, "some went together"
        finally:
            runner.run(opened.__aexit__(None, None, None))
