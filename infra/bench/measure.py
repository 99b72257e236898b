"""The measurements, in an order in which none disturbs another more than it must."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import uuid4

import asyncpg
import httpx2

from infra.bench import scene as scenes
from infra.bench.asking import YEARS, Asked, figures_beside
from infra.bench.crowds import Crowds, crowds
from infra.bench.floor import create_tables
from infra.bench.limit import bookings_in_the_server
from infra.bench.live import Heard, listeners
from infra.bench.load import Call, Sample, closed_loop, open_loop, quantile_of
from infra.bench.morning import County, Morning, county_morning
from infra.bench.pages import FILLED, Paced, pages_beside
from infra.bench.rebuilding import rebuild_seconds
from infra.bench.recovery import recovery_seconds
from infra.bench.reports import Rendered, reports_of_a_year
from infra.bench.resting import at_rest
from infra.bench.scene import Scene
from infra.bench.settling import settled
from infra.bench.stack import FLOOR, BenchStack
from infra.bench.throughput import Throughput, throughput
from infra.demo.actors import Actor
from infra.demo.api import connect
from shared.web.operations import PositionShown

FOLLOWERS = ("attendance", "reporting")
CONNECTIONS = 16
WARM_UP = 200
ROUNDS = 3
PER_ROUND = 800
VISIBLE_PER_SECOND = 100
VISIBLE_SECONDS = 10
FEW_PER_SECOND, FEW_SECONDS = 5, 40
LONGEST_VISIBLE_MS, ITS_FLOOR = 150.0, 1_500  # the aim where the floor makes so many bookings/s
POLL_SECONDS = 0.01
LONGEST_WAIT = 240.0
REBUILT_EVENTS = 50_000
IN_SERVER = 3_000
# What reporting's figures are made of: a booking is visible once its fact is committed there.
NEWEST = """
SELECT key || '/' || (data ->> 'participant_id') AS label FROM facts_v1.facts
WHERE type LIKE '%registration-confirmed%' AND recorded_at >= $1 ORDER BY recorded_at DESC LIMIT $2
"""
Say = Callable[[str], None]


class BenchError(Exception):
    """A measurement did not come to its end."""


@dataclass
class Load:
    """The samples of one program over all rounds."""

    samples: list[Sample] = field(default_factory=list)
    cpu_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """The median round: the machine may be shared."""
        return sorted(sample.per_second for sample in self.samples)[len(self.samples) // 2]

    def milliseconds(self, quantile: float) -> float:
        return quantile_of([one for sample in self.samples for one in sample.latencies], quantile) * 1000

    @property
    def cpu_milliseconds(self) -> float:
        """Processor time of the process per booking: says more than the clock when the machine is shared."""
        count = sum(len(sample.latencies) for sample in self.samples)
        return self.cpu_seconds / count * 1000 if count else 0.0


@dataclass(frozen=True)
class Consumed:
    """A consumer that found events waiting."""

    events: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.events / self.seconds if self.seconds else 0.0


@dataclass
class Result:
    """Everything measured."""

    service: Load = field(default_factory=Load)
    floor: Load = field(default_factory=Load)
    crowds: Crowds = field(default_factory=Crowds)
    in_server: float = 0.0
    relay: Consumed = Consumed(0, 0)
    consumers: dict[str, Consumed] = field(default_factory=dict)
    visible: list[float] = field(default_factory=list)
    few: Sample = field(default_factory=Sample)
    resting: float = 0.0
    through: Throughput = field(default_factory=Throughput)
    recovery: dict[str, list[float]] = field(default_factory=dict)
    rebuild: Consumed = Consumed(0, 0)
    rebuild_cpu_seconds: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    live: Heard = field(default_factory=Heard)
    reports: list[Rendered] = field(default_factory=list)
    pages: Paced = field(default_factory=Paced)
    morning: Morning = field(default_factory=Morning)
    parts_started_in: float = 0.0
    started_in: dict[str, float] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)
    reporting_later: float = 0.0
    """Megabytes of reporting after it has recorded many thousand events more."""

    @property
    def ratio(self) -> float:
        """Bookings per second of the service for each of the floor."""
        return self.service.per_second / self.floor.per_second if self.floor.per_second else 0.0

    def visible_ms(self, quantile: float) -> float:
        return round(quantile_of(self.visible, quantile) * 1000, 1)

    @property
    def longest_visible_ms(self) -> float:
        """The aim from a POST until its fact is visible, p99: longer as the machine is slower, by its floor."""
        return LONGEST_VISIBLE_MS * (ITS_FLOOR / self.floor.per_second if self.floor.per_second else 1)


async def measure(stack: BenchStack, say: Say) -> Result:
    """Runs all but the pages; the stack's parts are started here and stopped by the caller."""
    result = Result()
    began = time.perf_counter()
    addresses = await stack.start()
    result.parts_started_in = time.perf_counter() - began
    say("PostgreSQL and Kafka run")
    await _resting(stack, result, say)
    async with connect(f"http://127.0.0.1:{stack.ports['booking']}") as client:
        scene, crowd = await scenes.prepare(stack, client)
        say(f"{len(scene.staff) + len(crowd)} people and {len(scene.sessions)} sessions are entered")
        bookings = scene.bookings()
        await _bookings(stack, client, bookings, scene, result, say)
        count = await scenes.register_crowd(stack, client, crowd)
        say(f"{count} registrations of groups make events")
        await _told(Actor(client, stack.token("operator")), result, say)
    result.in_server = await bookings_in_the_server(stack.admin_url, IN_SERVER)
    say(f"a function in the server alone makes {result.in_server:.0f} bookings/s")
    for service in FOLLOWERS:
        result.consumers[service] = await _catch_up(stack, service)
        say(f"{service} has applied {result.consumers[service].events} events")
    await _visibility(stack, bookings, result)
    result.started_in = dict(stack.started_in)
    result.megabytes = stack.resident_megabytes()
    result.morning = await _morning(stack)
    say(f"trainers have marked {result.morning.county.marks:,} people on {result.morning.county.sessions} sessions")
    await stack.stop_service("attendance")  # it has no part in what follows, and would read along
    result.through = await throughput(addresses.bootstrap_servers, stack.admin_url, stack.database_url)
    result.reporting_later = stack.resident_megabytes()["reporting"]
    say(f"{result.through.events} events went from the outbox to the facts")
    result.live = await _live(stack)
    say(f"{result.live.listeners} listeners were told")
    for service in ("booking", "reporting"):
        result.recovery[service] = await recovery_seconds(stack, service, bookings)
        say(f"{service} was killed and is back")
    events, seconds, processor = await rebuild_seconds(addresses.bootstrap_servers, stack.admin_url, REBUILT_EVENTS)
    result.rebuild, result.rebuild_cpu_seconds = Consumed(events, seconds), processor
    say(f"reporting's facts are rebuilt from {events:,} events")
    await _follow_up(stack, result, say)
    return result


async def _follow_up(stack: BenchStack, result: Result, say: Say) -> None:
    """Reports, and figures beside more and more facts."""
    result.reports = await reports_of_a_year(stack.admin_url)
    say("the reports of a year are made")
    for many in YEARS:
        asked = await figures_beside(stack.admin_url, many)
        result.asked.append(asked)
        say(f"figures are answered beside {asked.facts:,} facts")


async def _resting(stack: BenchStack, result: Result, say: Say) -> None:
    """Before there is anything to do: whoever has been booked gets mails and links for minutes afterwards."""
    services = ("booking", *FOLLOWERS)
    for service in services:
        await stack.start_service(service)
    result.resting = await at_rest(stack, services)
    for service in FOLLOWERS:
        await stack.stop_service(service)
    say(f"the services took {result.resting:.1f} % of a core while nobody asked anything")


async def _told(operator: Actor, result: Result, say: Say) -> None:
    """What booking tells of the registrations: else it would write invitations beside what is measured next."""
    result.relay = await _until_settled(operator, "booking", "outbox_unsent")
    result.consumers["booking"] = await _until_settled(operator, "booking", "lag")
    say(f"booking has written the invitations of {result.consumers['booking'].events} events")


async def measure_pages(stack: BenchStack, say: Say) -> Paced:
    """The pages alone, one service after the other; as with `measure` the caller stops the stack."""
    await stack.start()
    paced = Paced()
    for service in FILLED:
        port = await stack.start_service(service)
        url, keys = stack.database_url(service), stack.secrets["KURSNAV_SESSION_KEYS"]
        await pages_beside(service, port, url, keys, paced)
        await stack.stop_service(service)
        say(f"the pages of {service} have been opened")
    return paced


async def measure_reports(stack: BenchStack, say: Say) -> tuple[Heard, list[Rendered]]:
    """Live figures and reports alone; as with `measure` the caller stops the stack."""
    await stack.start()
    for service in ("booking", "reporting"):
        await stack.start_service(service)
    say("PostgreSQL, Kafka, booking and reporting run")
    heard = await _live(stack)
    say(f"{heard.listeners} listeners were told")
    return heard, await reports_of_a_year(stack.admin_url)


async def _live(stack: BenchStack) -> Heard:
    return await listeners(
        stack.ports["reporting"],
        stack.database_url("booking"),
        stack.token("funder"),
        lambda: stack.cpu_seconds("reporting"),
        lambda: stack.resident_megabytes()["reporting"],
    )


async def _morning(stack: BenchStack) -> Morning:
    url = stack.database_url("attendance")
    return await county_morning(stack.ports["attendance"], url, partial(stack.token, "trainer", None), County())


async def _bookings(
    stack: BenchStack,
    client: httpx2.AsyncClient,
    bookings: Iterator[Call],
    scene: Scene,
    result: Result,
    say: Say,
) -> None:
    """Rounds of service and floor in turn, so that whatever else the machine does meets both."""
    sessions = await create_tables(await stack.create_floor_database(), scenes.SESSIONS, scenes.SEATS)
    floor_calls = scenes.floor_bookings(sessions, [uuid4() for _ in scene.staff])
    await stack.start_floor()
    for calls, name in ((bookings, "booking"), (floor_calls, FLOOR)):
        await closed_loop(stack.ports[name], scenes.take(calls, WARM_UP), CONNECTIONS)
    for number in range(ROUNDS):
        for calls, name, load in ((bookings, "booking", result.service), (floor_calls, FLOOR, result.floor)):
            before = stack.cpu_seconds(name)
            sample = await closed_loop(stack.ports[name], scenes.take(calls, PER_ROUND), CONNECTIONS)
            load.cpu_seconds += stack.cpu_seconds(name) - before
            if sample.failed:
                raise BenchError(f"{sample.failed} bookings of {name} failed: {sample.first_failure}")
            load.samples.append(sample)
            if name != FLOOR:
                await settled(stack)
            say(f"round {number + 1}: {name} {sample.per_second:.0f} bookings/s")
    result.crowds = await crowds(stack, client, scene, bookings, floor_calls)
    say("many clients have booked at once")


async def _until_settled(actor: Actor, service: str, what: str) -> Consumed:
    """How long it takes until that count of the position is 0, from what it is now."""
    began = time.perf_counter()
    waiting = first = getattr(await actor.position(service), what)
    while waiting:
        if time.perf_counter() - began > LONGEST_WAIT:
            raise BenchError(f"{service}: {what} is still {waiting} after {LONGEST_WAIT:.0f} s")
        await asyncio.sleep(POLL_SECONDS)
        waiting = getattr(await actor.position(service), what)
    return Consumed(first, time.perf_counter() - began)


async def _catch_up(stack: BenchStack, service: str) -> Consumed:
    """A service that starts beside full topics: events per second while it catches up."""
    port = await stack.start_service(service)
    async with connect(f"http://127.0.0.1:{port}") as client:
        actor = Actor(client, stack.token("operator"))
        await _until_answered(actor, service)
        consumed = await _until_settled(actor, service, "lag")
        await _until_settled(actor, service, "outbox_unsent")
    return consumed


async def _until_answered(actor: Actor, service: str) -> PositionShown:
    """The first position after the consumers know how much there is to read."""
    deadline = time.perf_counter() + LONGEST_WAIT
    while time.perf_counter() < deadline:
        try:
            position = await actor.position(service)
        except httpx2.HTTPError:
            position = None
        if position is not None and position.lag:
            return position
        await asyncio.sleep(POLL_SECONDS)
    raise BenchError(f"{service} found nothing to read within {LONGEST_WAIT:.0f} s")


async def _visibility(stack: BenchStack, bookings: Iterator[Call], result: Result) -> None:
    """From the moment a POST leaves until its fact is committed in reporting, at a fixed rate."""
    calls = scenes.take(bookings, VISIBLE_PER_SECOND * VISIBLE_SECONDS)
    sent: dict[str, float] = {}
    connection = await asyncpg.connect(stack.database_url("reporting"))
    watcher = _Watcher(connection, await connection.fetchval("SELECT clock_timestamp()"), sent)
    watching = asyncio.create_task(watcher.run())
    sample = await open_loop(
        stack.ports["booking"],
        calls,
        VISIBLE_PER_SECOND,
        CONNECTIONS,
        on_send=lambda call: sent.__setitem__(call.label, time.perf_counter()),
    )
    if sample.failed:
        raise BenchError(f"{sample.failed} bookings failed: {sample.first_failure}")
    watcher.expected = len(calls)
    done, _ = await asyncio.wait([watching], timeout=LONGEST_WAIT)
    if not done:
        watching.cancel()
        raise BenchError(f"reporting saw only {len(watcher.delays)} of {len(calls)} bookings in {LONGEST_WAIT:.0f} s")
    watching.result()
    await connection.close()
    result.visible = list(watcher.delays.values())
    result.few = await _few(stack, bookings)


async def _few(stack: BenchStack, bookings: Iterator[Call]) -> Sample:
    """So few bookings that each has a transaction of its own: sharing one must not cost those who come alone."""
    calls = scenes.take(bookings, FEW_PER_SECOND * FEW_SECONDS)
    sample = await open_loop(stack.ports["booking"], calls, FEW_PER_SECOND, CONNECTIONS, on_send=lambda _: None)
    if sample.failed:
        raise BenchError(f"{sample.failed} bookings failed: {sample.first_failure}")
    return sample


class _Watcher:
    """Looks every few milliseconds which bookings reporting has.

    While they are sent a look sees the newest two hundred (two seconds' worth) and so costs little; at the end all.
    """

    def __init__(self, connection: asyncpg.Connection, since: datetime, sent: dict[str, float]) -> None:
        self._connection = connection
        self._since = since
        self._sent = sent
        self.delays: dict[str, float] = {}
        self.expected: int | None = None

    async def run(self) -> None:
        newest = await self._connection.prepare(NEWEST)
        while self.expected is None or len(self.delays) < self.expected:
            self._note(await newest.fetch(self._since, 200 if self.expected is None else self.expected))
            await asyncio.sleep(POLL_SECONDS)

    def _note(self, rows: Iterable[asyncpg.Record]) -> None:
        now = time.perf_counter()
        for row in rows:
            label = row["label"]
            if label in self._sent and label not in self.delays:
                self.delays[label] = now - self._sent[label]
