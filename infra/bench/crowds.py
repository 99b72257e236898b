"""Many clients at once, beside the floor: 20 and 100 that go on booking, 100 of whom each is somebody else with a key
for each call, and 200 that want the same twelve seats.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from uuid import UUID, uuid4

import asyncpg
import httpx2

from infra.bench import scene as scenes
from infra.bench.load import Call, Sample, closed_loop, post
from infra.bench.scene import BOOKER, Scene
from infra.bench.settling import settled
from infra.bench.stack import FLOOR, BenchStack
from infra.demo.actors import Coordinator

CLIENTS = (20, 100)
PER_ROUND = 800
ROUNDS = 3
SEATS, RUSH = 12, 200
FIRST_SESSION = 100  # days from now: those of the other measurements lie before


@dataclass
class Beside:
    """Seconds that the same calls took, round by round: by the service and by the floor. `told`: after the last of them
    until the service had sent all invitations.
    """

    calls: int
    service: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The service's median time for each second of the floor's."""
        return median(self.service) / median(self.floor) if self.floor and self.service else 0.0

    @property
    def speed(self) -> float:
        """Calls of the service for each of the floor."""
        return 1 / self.ratio if self.ratio else 0.0


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


@dataclass
class Crowds:
    """`going_on` by number of clients; `keyed`: each a caller of its own with an `Idempotency-Key`; the rush with
    everybody refused that finds no seat, and with a waiting list.
    """

    going_on: dict[int, Beside] = field(default_factory=dict)
    keyed: Beside = field(default_factory=lambda: Beside(PER_ROUND))
    rush: Beside = field(default_factory=lambda: Beside(RUSH))
    queueing: Beside = field(default_factory=lambda: Beside(RUSH))


async def crowds(
    stack: BenchStack, client: httpx2.AsyncClient, scene: Scene, bookings: Iterator[Call], floor: Iterator[Call]
) -> Crowds:
    """Rounds of service and floor in turn. `floor` are the floor's calls, as `bookings` the service's."""
    found = Crowds()
    for clients in CLIENTS:
        found.going_on[clients] = await _going_on(stack, clients, bookings, floor)
    callers = [stack.token("municipality", BOOKER, sub=f"caller-{number}") for number in range(CLIENTS[-1])]
    found.keyed = await _going_on(stack, CLIENTS[-1], _keyed(bookings, scene.token, callers), floor)
    office = Coordinator(client, stack.token("coordinator"))
    bare = await asyncpg.connect(stack.database_url(FLOOR))
    try:
        for number in range(2 * ROUNDS):
            session, waitlist = await scenes.schedule(office, FIRST_SESSION + number, SEATS), number % 2 == 1
            beside = found.queueing if waitlist else found.rush
            beside.service.append(await _seconds(stack, "booking", _rush(scene, session, waitlist=waitlist)))
            await settled(stack)
            beside.floor.append(await _seconds(stack, FLOOR, await _bare_rush(bare)))
    finally:
        await bare.close()
    return found


async def _going_on(stack: BenchStack, clients: int, bookings: Iterator[Call], floor: Iterator[Call]) -> Beside:
    beside = Beside(PER_ROUND)
    for _ in range(ROUNDS):
        for name, calls, times in (("booking", bookings, beside.service), (FLOOR, floor, beside.floor)):
            sample = await closed_loop(stack.ports[name], scenes.take(calls, PER_ROUND), clients)
            times.append(_all_booked(sample, name))
            if name != FLOOR:
                beside.told.append(await settled(stack))
    return beside


def _keyed(calls: Iterator[Call], token: str, callers: Sequence[str]) -> Iterator[Call]:
    """The calls by one caller after the other, each with a key of its own."""
    for call, caller in zip(calls, cycle(callers), strict=False):
        head = f"Bearer {caller}\r\nIdempotency-Key: {uuid4()}"
        yield Call(call.raw.replace(f"Bearer {token}".encode(), head.encode(), 1), call.label)


def _all_booked(sample: Sample, name: str) -> float:
    if sample.failed:
        raise RuntimeError(f"{sample.failed} bookings of {name} failed: {sample.first_failure}")
    return sample.seconds


async def _seconds(stack: BenchStack, name: str, calls: list[Call]) -> float:
    return (await closed_loop(stack.ports[name], calls, RUSH)).seconds


def _rush(scene: Scene, session: UUID, *, waitlist: bool) -> list[Call]:
    path = f"/booking/v1/sessions/{session}/registrations"
    bodies = ({"staff": [str(one.id)], "policy": "all", "waitlist": waitlist} for one in scene.staff[:RUSH])
    return [post(path, body, scene.token) for body in bodies]


async def _bare_rush(bare: asyncpg.Connection) -> list[Call]:
    session = uuid4()
    await bare.execute("INSERT INTO sessions VALUES ($1, $2)", session, SEATS)
    return [post("/bookings", {"session_id": str(session), "person_id": str(uuid4())}) for _ in range(RUSH)]
