"""What every service is made of, put together in one place: HTTP, relay, consumers, jobs, health.

`services/<name>/app.py` calls `build_service`; `infra.serve` mounts the application and enters its lifespan.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.clock import Clock, SystemClock
from shared.database import retention
from shared.database.combining import let_pass
from shared.database.engine import create_engine
from shared.database.errors import is_transient
from shared.database.migrate import head_of
from shared.database.unit_of_work import Unit, Units
from shared.ids import Ids, SystemIds
from shared.jobs.queue import STANDING
from shared.jobs.recurring import Every
from shared.jobs.worker import RECURRING, Kind, Worker, recurring
from shared.messaging import dead_letters
from shared.messaging.consuming import Consuming, Progress
from shared.messaging.delivery import Consumer
from shared.messaging.pipeline import Pipeline
from shared.messaging.relay import Relay
from shared.messaging.replay import Replay
from shared.messaging.watchdog import Watchdog
from shared.observability import metrics
from shared.security.cipher import Cipher
from shared.security.tokens import KeySource, PublishedKeys, Tokens
from shared.settings import ServiceSettings
from shared.web import docs, errors, idempotency, operations
from shared.web.body_limit import BodyLimit
from shared.web.measure import Measure
from shared.web.openapi import DocumentedApi
from shared.web.pages import operations as pages
from shared.web.pages import static
from shared.web.pages.rendering import Pages, Site
from shared.web.problems import busy, conflict
from shared.web.routing import OccurredAtCheck
from shared.web.sign_in import signouts
from shared.web.sign_in.oidc import Issuer
from shared.web.sign_in.sessions import Sessions

log = structlog.get_logger(__name__)

Held = Callable[[Unit], Awaitable[int]]
Step = Callable[[Units], Awaitable[None]]
LOOK_SECONDS = 2.0
REPLAYS_AT_ONCE = 4  # each holds two connections of the pool, for up to 20 s: the others are for bookings
READY_SECONDS = 5.0  # for the database to say its revision: whoever asks wants an answer, not silence
JOBS_EVERY_SECONDS = 0.5


@dataclass
class Service:
    """One running service of one process."""

    name: str
    settings: ServiceSettings
    app: FastAPI
    units: Units
    consuming: Consuming
    relay: Relay
    watchdog: Watchdog
    jobs: Worker
    held: Held | None = None
    started: bool = False
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _replays: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(REPLAYS_AT_ONCE))
    resources: Sequence[Callable[[FastAPI], Any]] = ()
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process takes no more requests: an answer that goes on for ever is to end."""

    @property
    def engine(self) -> AsyncEngine:
        return self.units.engine

    @asynccontextmanager
    async def lifespan(self, *, messaging: bool = True) -> AsyncIterator[None]:
        """Runs relay, consumers and jobs; without `messaging` only what HTTP needs (tests of the API)."""
        async with AsyncExitStack() as stack:
            for resource in self.resources:
                await stack.enter_async_context(resource(self.app))
            if messaging:
                await self._start()
            try:
                yield
            finally:
                await self._stop(messaging)

    async def _start(self) -> None:
        await self.relay.start()
        self._tasks = [asyncio.create_task(self._start_consuming(), name=f"{self.name}-consumers")]
        lanes: list[tuple[str, Step]] = [(RECURRING, self.jobs.run_recurring)]
        for lane, abreast in self.jobs.lanes.items():
            lanes += [(lane, partial(self.jobs.run_lane, lane=lane))] * abreast
        due = {lane: asyncio.Event() for lane, _ in lanes}
        loops = [self._whenever(due[lane], lane, step) for lane, step in lanes]
        loops += [
            self._repeat("due", JOBS_EVERY_SECONDS, partial(self._wake, due)),
            self._repeat("look", LOOK_SECONDS, self._look),
        ]
        self._tasks += [asyncio.create_task(loop, name=f"{self.name}-background") for loop in loops]

    async def _stop(self, messaging: bool) -> None:
        """Graceful: no new work, what is under way is finished, the lease is given up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if messaging:
            await self.consuming.stop()
            await self.relay.stop()
        await self.engine.dispose()

    async def _start_consuming(self) -> None:
        """Bookings are taken also while Kafka is away; the consumers begin when it comes."""
        while not self.started:
            try:
                await self.consuming.start()
                self.started = True
            except Exception as error:
                log.warning("kafka_out_of_reach", service=self.name, error=type(error).__name__)
                await asyncio.sleep(LOOK_SECONDS)

    async def _repeat(self, name: str, every_seconds: float, step: Step) -> None:
        while True:
            await self._attempt(name, step)
            await asyncio.sleep(every_seconds)

    async def _whenever(self, due: asyncio.Event, name: str, step: Step) -> None:
        while True:
            await self._attempt(name, step)
            await due.wait()
            due.clear()

    async def _wake(self, lanes: Mapping[str, asyncio.Event], units: Units) -> None:
        """One look for all lanes: at rest, when each looked for itself, that was most of what a service did."""
        for lane in await self.jobs.due(units):
            lanes[lane].set()

    async def _attempt(self, name: str, step: Step) -> None:
        try:
            await step(self.units)
        except Exception as error:
            passing = is_transient(error)  # the database is away, say: a line each time is enough
            log.warning(
                "background_step_failed",
                service=self.name,
                step=name,
                error=type(error).__name__,
                exc_info=None if passing else error,
            )

    async def run_due(self, now: datetime) -> None:
        """Does all the work of this service that is due as of `now`: each recurring job once, then the queued jobs
        whose time has come, the ones those enqueued among them. Units have `now` as their time meanwhile.

        For a development stack that lets time pass. Runs are fenced as always, so it may be called beside processes at
        work; the next regular runs stay due by the real clock. A failure is logged (`job_failed`), not raised.
        """
        await self.jobs.run_as_of(self.units, now)

    async def forget_old(self, units: Units) -> None:
        """Forgets what the mechanisms kept and nobody needs any more."""
        now = units.clock.now()
        letters = now - timedelta(days=self.settings.dead_letter_days)
        await signouts.forget(units)
        await retention.forget(units, "idempotency_keys", now - idempotency.KEPT_FOR)
        await retention.forget(units, "replayed_letters", letters)
        await retention.forget(units, "discarded_letters", letters)
        await retention.forget(units, "jobs", now - timedelta(days=self.settings.job_days))
        # Whatever was sent twice stands on its topic by now: with nothing left to read, all of it has been recognised.
        if (await self.progress()).lag == 0:
            await retention.forget(units, "inbox", now - timedelta(days=self.settings.inbox_days))

    async def _look(self, units: Units) -> None:
        """Keeps gauges and watchdog up to date."""
        async with units.system() as unit:
            unsent = await unit.one(operations.UNSENT)
            letters = await unit.one(dead_letters.COUNT)
            held = await self.held(unit) if self.held else 0
            jobs = await unit.one(STANDING, {"now": unit.recorded_at, "kinds": list(self.jobs.recurrences)})
        metrics.JOBS_OPEN.labels(self.name).set(jobs["open"])
        metrics.JOBS_AGE_SECONDS.labels(self.name).set(max(0, jobs["age"]))
        metrics.OUTBOX_UNSENT.labels(self.name).set(unsent["unsent"])
        metrics.OUTBOX_AGE_SECONDS.labels(self.name).set(unsent["age"])
        metrics.DEAD_LETTERS.labels(self.name, "dead").set(letters["dead"])
        metrics.DEAD_LETTERS.labels(self.name, "parked").set(letters["parked"])
        metrics.HELD.labels(self.name).set(held)
        progress = await self.progress()
        metrics.LAG.labels(self.name).set(progress.lag)
        self.watchdog.seen(progress.standings, self.consuming.activities)

    async def progress(self) -> Progress:
        """How far the consumers are. Raises KafkaError when the broker does not answer."""
        return await self.consuming.progress()

    async def missing(self) -> list[str]:
        """What keeps this service from its work, empty when nothing does."""
        missing: list[str] = []
        try:
            async with asyncio.timeout(READY_SECONDS), self.engine.connect() as connection:
                revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
            if revision != head_of(self.name):
                missing.append(f"database is at revision {revision}, not {head_of(self.name)}: run kursnav migrate")
        except Exception as error:
            missing.append(f"database does not answer ({type(error).__name__})")
        if self.consuming.consumers and not self.started:
            missing.append("consumers have not started: Kafka is out of reach")
        if self.watchdog.stalled:
            missing.append(f"consumers make no progress ({', '.join(self.watchdog.stalled_on)}): restart this process")
        return missing

    async def replay(self, letter: Mapping[str, Any], *, actor: str, reason: str) -> int:
        """Applies a dead letter in transactions of its own. Raises StillFails, 409 for a consumer that is no more, 503
        while too many others are under way.
        """
        consumer = next((known for known in self.consuming.consumers if known.name == letter["consumer"]), None)
        if consumer is None:
            raise conflict(
                "unknown-consumer",
                f"Konsumenten {letter['consumer']} finns inte här. Vänta ut en ombyggnad, eller skriv av händelsen.",
                f"There is no consumer {letter['consumer']} here. Wait for a rebuild to end, or discard the event.",
            )
        if self._replays.locked():
            raise busy(
                "Andra omkörningar pågår. Försök igen när de är klara.",
                "Other replays are under way. Try again when they have ended.",
                seconds=5,
            )
        async with self._replays:
            return await Replay(self.units, consumer, actor, reason).run(letter)


@dataclass(frozen=True)
class Ports:
    """What a service takes from outside itself; tests give their own."""

    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = field(default_factory=SystemIds)
    keys: KeySource | None = None  # of the access tokens; None: those that the issuer publishes
    pipeline: type[Pipeline] = Pipeline


def build_service(
    name: str,
    settings: ServiceSettings,
    *,
    database_url: str,
    title: str,
    routers: Sequence[APIRouter],
    consumers: Sequence[Consumer] = (),
    held: Held | None = None,
    jobs: Sequence[Kind] = (),
    jobs_cipher: Cipher | None = None,
    occurred_at_check: OccurredAtCheck | None = None,
    ports: Ports | None = None,
    resources: Sequence[Callable[[FastAPI], Any]] = (),
    encrypts_people: bool = True,
    site: Site | None = None,
) -> Service:
    """Puts a service together. `ports` are given by tests only.

    `occurred_at_check` lets `Kursnav-Occurred-At` date this service's acts; without it the header is ignored.
    `resources` are asynccontextmanagers entered with the application (a process pool, say). Raises ValueError
    without keys for names, unless `encrypts_people` is False (reporting is blind to them).
    """
    ports = ports or Ports()
    units, relay = _units_and_relay(name, settings, database_url, ports, encrypts_people)
    forget = recurring("forget", Every(timedelta(hours=1)), lambda units: service.forget_old(units))
    service = Service(
        name,
        settings,
        _application(name, title, routers, settings),
        units,
        _consuming(units, settings, (*consumers, signouts.consumer(name)), ports.pipeline),
        relay,
        Watchdog(ports.clock, settings.watchdog_seconds),
        Worker([*jobs, forget], jobs_cipher),
        held,
        resources=resources,
    )
    _give_to_requests(service, ports, occurred_at_check, site or Site())
    return service


def _give_to_requests(service: Service, ports: Ports, occurred_at_check: OccurredAtCheck | None, site: Site) -> None:
    """What the routes look for in the application's state."""
    state, settings = service.app.state, service.settings
    state.service, state.settings, state.units = service, settings, service.units
    keys = ports.keys or PublishedKeys(settings.jwks_url)
    state.tokens = Tokens(keys, issuer=settings.issuer, audience=settings.audience, clock=ports.clock)
    state.occurred_at_check, state.lanes = occurred_at_check, {}
    service.consuming.let_pass = partial(let_pass, state.lanes, lambda: service.relay.behind)
    state.sessions = Sessions(settings.session_keys, secure=settings.secure, units=service.units)
    state.issuer = Issuer(settings, state.tokens)
    state.pages = Pages(service.name, site, state.sessions, settings.issuer)


def _units_and_relay(
    name: str, settings: ServiceSettings, database_url: str, ports: Ports, encrypts_people: bool
) -> tuple[Units, Relay]:
    engine = create_engine(
        database_url,
        application=f"kursnav-{name}-{settings.instance}",
        pool_size=settings.pool_size,
        lock_timeout_ms=settings.lock_timeout_ms,
        bounded=True,
    )
    cipher = people_cipher(name, settings) if encrypts_people else None
    relay = Relay(
        engine,
        service=name,
        instance=settings.instance,
        bootstrap_servers=settings.kafka_bootstrap_servers,
        prefix=settings.topic_prefix,
    )
    return Units(name, engine, ports.clock, ports.ids, cipher, relay.wake), relay


def people_cipher(name: str, settings: ServiceSettings) -> Cipher:
    """The cipher of names. Raises ValueError without keys."""
    if not settings.people_keys:
        raise ValueError(f"set KURSNAV_PEOPLE_KEYS: {name} cannot read or write names without it")
    return Cipher.from_setting(settings.people_keys)


def _consuming(
    units: Units, settings: ServiceSettings, consumers: Sequence[Consumer], pipeline: type[Pipeline]
) -> Consuming:
    return Consuming(
        units,
        consumers,
        bootstrap_servers=settings.kafka_bootstrap_servers,
        instance=settings.instance,
        prefix=settings.topic_prefix,
        pipeline=pipeline,
        clock=units.clock,
    )


def _application(name: str, title: str, routers: Sequence[APIRouter], settings: ServiceSettings) -> FastAPI:
    app = DocumentedApi(
        title=title,
        version="1",
        docs_url=None,  # shared.web.docs serves it, from here alone
        redoc_url=None,
        redirect_slashes=False,  # to the caller's Host, whatever that is
        servers=[{"url": f"/{name}"}],
        root_path_in_servers=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # we have our own
    )
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, patience=settings.patience_seconds)
    app.add_middleware(Measure, service=name)
    errors.install(app)
    # Flat, and the service's own first: an included router is matched twice for each request, and so is every route in
    # front of the wanted one.
    found = [
        route
        for router in (
            *routers,
            pages.router_of(name),
            operations.router,
            operations.open_router,
            docs.router,
            static.router,
        )
        for route in router.routes
    ]
    app.router.routes[:0] = found
    return app
