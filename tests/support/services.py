"""How a test gets a running service, and a person with a seat.

    async with api(stack, "booking") as origin:          # its HTTP API alone, on a database of its own
    async with running(stack, ["reporting"]) as origin:  # with relay and consumers; all three by default

    origin.client(Role.MUNICIPALITY, municipality="1884")  # a caller of a role
    await origin.send(event, ...)                           # what its neighbours publish
    await origin.settled()                                  # everything has arrived everywhere
    await origin.published("kursnav.people.v1")             # what it publishes
    await origin.rows("booking", "SELECT ...")              # what its database holds

On top of it, with short words for what tests do: `World` (booking_world.py) enters a project through booking's API
(`session = await world.session(capacity=1)`, `await world.outcomes(session, await world.staff()) == ["confirmed"]`);
`Story` (story.py) tells in events what booking and attendance publish, which is all that reporting knows; a `School`
(school.py) is the story that an attendance service is told, and speaks its API. Mail: `Mailed` (mailbox.py).
"""

import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
from starlette.routing import Route

from infra import serve
from infra.local import sweeping
from infra.settings import SERVICES
from shared import service as service_module
from shared.clock import Clock, SystemClock
from shared.contracts.envelope import decode
from shared.contracts.registry import EventData
from shared.contracts.topics import ALL
from shared.ids import Ids, SystemIds
from shared.messaging.delivery import Event
from shared.messaging.pipeline import Pipeline
from shared.security.cipher import Cipher
from shared.security.roles import Role
from shared.service import Ports, Service
from tests.support import databases, tokens
from tests.support.disturbed import Disturbed
from tests.support.documented import HOOKS
from tests.support.events import message_of
from tests.support.eventually import eventually
from tests.support.kafka_log import put_in_order
from tests.support.processes import ByService, ServeProcess
from tests.support.stack import Stack
from tests.support.topics import topics

service_module.JOBS_EVERY_SECONDS = 0.1  # hundreds of tests wait for a job

PEOPLE_KEYS = "test:dGVzdC1rZXktb2YtdGhpcnR5LXR3by1ieXRlcy0wMDE="
VAULT_KEYS = "test:dGVzdC1rZXktb2YtdGhpcnR5LXR3by1ieXRlcy0wMDI="
SESSION_KEYS = "test:dGVzdC1rZXktb2YtdGhpcnR5LXR3by1ieXRlcy0wMDM="


@dataclass(frozen=True)
class Emitted:
    """An event as it lies in an outbox; `data` is None for a tombstone."""

    key: str
    name: str  # the short name of its type
    value: bytes
    data: EventData | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Emitted":
        headers = json.loads(row["headers"])
        topic = next(each for each in ALL if each.name == row["topic"])
        raw = [(name, str(value).encode()) for name, value in (headers | {"ce_sequence": row["sequence"]}).items()]
        data = decode(topic, row["key"].encode(), row["value"], raw, Cipher.from_setting(PEOPLE_KEYS))[1]
        return cls(row["key"], headers["ce_type"].split(".")[3], row["value"], data)

    @property
    def fields(self) -> dict[str, Any]:
        """As a consumer reads them that does not know the contract."""
        fields: dict[str, Any] = json.loads(self.value)
        return fields


@dataclass
class Origin:
    """Services behind one origin, as `kursnav serve` has them; paths as in http-api.md (`/booking/v1/...`)."""

    stack: Stack
    databases: Mapping[str, str]  # database name by service
    transport: httpx2.AsyncBaseTransport
    services: Mapping[str, Service] = field(default_factory=dict)
    prefix: str = ""
    processes: dict[str, ServeProcess] = field(default_factory=dict)
    base_url: str = "http://kursnav.test"
    _clients: list[httpx2.AsyncClient] = field(default_factory=list)

    def client(
        self, *roles: Role | str, municipality: str | None = None, trainer_id: UUID | str | None = None, **claims: Any
    ) -> httpx2.AsyncClient:
        """A client with a token of these roles; without roles one without a token."""
        claims = {**claims, "municipality": municipality, "trainer_id": trainer_id}
        headers = tokens.bearer(*roles, **claims) if roles else {}
        client = httpx2.AsyncClient(
            transport=self.transport, base_url=self.base_url, headers=headers, timeout=30, event_hooks=HOOKS
        )
        self._clients.append(client)
        return client

    async def rows(self, service: str, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        """What a service's database holds, seen past row-level security."""
        connection = await asyncpg.connect(databases.superuser_url(self.stack.admin_url, self.databases[service]))
        try:
            return [dict(row) for row in await connection.fetch(statement, *parameters)]
        finally:
            await connection.close()

    async def outbox(self, service: str, where: str, *parameters: Any) -> list["Emitted"]:
        """What a service has published, or will when its relay runs, in order."""
        rows = await self.rows(service, f"SELECT * FROM outbox WHERE {where} ORDER BY id", *parameters)
        return [Emitted.of(row) for row in rows]

    async def published(self, topic: str, service: str = "booking") -> list[tuple[str, EventData | None]]:
        """Key and data of what lies in its outbox for a topic, in order."""
        return [(event.key, event.data) for event in await self.outbox(service, "topic = $1", topic)]

    async def send(self, *events: Event) -> None:
        """Its neighbours publish these events, in this order."""
        cipher = Cipher.from_setting(PEOPLE_KEYS)
        records = [(self.prefix + event.topic, message_of(event, cipher)) for event in events]
        await put_in_order(self.stack.bootstrap_servers, records)

    async def position(self, service: str) -> dict[str, int]:
        """What has not arrived yet, as the service says it."""
        always = self.client(Role.OPERATOR, iat=0, exp=4_000_000_000)  # whatever time a clock of the test shows
        answer = await always.get(f"/{service}/v1/position")
        assert answer.status_code == 200, answer.text
        position: dict[str, int] = answer.json()
        return position

    async def settled(self, *, within: float = 30.0, dead_letters: bool = False) -> None:
        """Waits until everything has arrived everywhere; dead letters are allowed when the test makes some."""

        async def unsettled() -> dict[str, dict[str, int]]:
            left = {name: self._open(await self.position(name), dead_letters) for name in self.databases}
            return {name: counts for name, counts in left.items() if counts}

        async def twice() -> dict[str, dict[str, int]]:
            """In one look alone an event may pass from the outbox of one asked last to the lag of one asked first."""
            return await unsettled() or await unsettled()

        await eventually(twice, within=within, until=lambda left: not left, what="everything has arrived")

    @staticmethod
    def _open(position: dict[str, int], dead_letters: bool) -> dict[str, int]:
        allowed = {"dead_letters", "parked"} if dead_letters else set()
        return {name: count for name, count in position.items() if count and name not in allowed}


def environment(stack: Stack, names: Mapping[str, str], *, prefix: str) -> dict[str, str]:
    """The variables by which services of a test are told everything. `names`: database by service."""
    urls = {f"{name.upper()}_DATABASE_URL": databases.app_url(stack.admin_url, name, db) for name, db in names.items()}
    return {
        **urls,
        "KAFKA_BOOTSTRAP_SERVERS": stack.bootstrap_servers,
        "KURSNAV_ENVIRONMENT": "development",
        "KURSNAV_TOPIC_PREFIX": prefix,
        "KURSNAV_ISSUER": tokens.ISSUER,
        "KURSNAV_AUDIENCE": tokens.AUDIENCE,
        "KURSNAV_JWKS_URL": tokens.jwks_url(),
        "KURSNAV_PEOPLE_KEYS": PEOPLE_KEYS,
        "BOOKING_VAULT_KEYS": VAULT_KEYS,
        "KURSNAV_SESSION_KEYS": SESSION_KEYS,
        "KURSNAV_SMTP": "",
    }


@asynccontextmanager
async def api(
    stack: Stack, service: str, *, clock: Clock | None = None, ids: Ids | None = None, database: str | None = None
) -> AsyncIterator[Origin]:
    """One service's HTTP API on a database of its own, without relay and consumers."""
    async with AsyncExitStack() as resources:
        name = database
        if name is None:
            name = await resources.enter_async_context(databases.cloned(stack.admin_url, service))
        names = {service: name}
        told = environment(stack, names, prefix="")
        yield await _in_process(resources, stack, names, _ports(clock, ids, Pipeline), told, prefix="", messaging=False)


@asynccontextmanager
async def running(
    stack: Stack,
    services: Sequence[str] = SERVICES,
    *,
    prefix: str | None = None,
    pipeline: type[Pipeline] = Disturbed,
    clock: Clock | None = None,
    ids: Ids | None = None,
    database_names: Mapping[str, str] | None = None,
    processes: Sequence[str] = (),
    extra: Sequence[Route] = (),
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Origin]:
    """The services with relay and consumers in this process, on topics and databases of their own.

    Every message is delivered twice and every first attempt fails, unless `pipeline` says otherwise. Those among
    `processes` run in processes of their own, which the test starts: `await origin.processes["booking"].start()`.
    `settings` are further variables: those of a mailbox, say.
    """
    async with AsyncExitStack() as resources:
        chosen = await resources.enter_async_context(topics(stack.bootstrap_servers, prefix))
        names = dict(database_names or {})
        for service in services:
            if service not in names:
                names[service] = await resources.enter_async_context(databases.cloned(stack.admin_url, service))
        inside = {service: name for service, name in names.items() if service not in processes}
        told = {**environment(stack, names, prefix=chosen), **(settings or {})}
        origin = await _in_process(
            resources, stack, inside, _ports(clock, ids, pipeline), told, prefix=chosen, messaging=True, extra=extra
        )
        folder = Path(resources.enter_context(TemporaryDirectory(prefix="kursnav-test-")))
        origin.databases = names
        for service in processes:
            origin.processes[service] = ServeProcess(service, told, folder)
            resources.push_async_callback(origin.processes[service].stop)
        origin.transport = ByService(origin.transport, origin.processes)
        yield origin


async def _in_process(
    resources: AsyncExitStack,
    stack: Stack,
    names: Mapping[str, str],
    ports: Ports,
    told: Mapping[str, str],
    *,
    prefix: str,
    messaging: bool,
    extra: Sequence[Route] = (),
) -> Origin:
    with variables(told):
        services = {name: serve.create(name, ports) for name in names}
    made = list(services.values())
    application = serve.origin(made, extra=[*sweeping.routes(made), *extra], messaging=messaging)
    await resources.enter_async_context(application.router.lifespan_context(application))
    # A client sees the 500, not the exception.
    transport = httpx2.ASGITransport(application, raise_app_exceptions=False)
    origin = Origin(stack, names, transport, services, prefix)
    resources.push_async_callback(_close, origin)
    return origin


def _ports(clock: Clock | None, ids: Ids | None, pipeline: type[Pipeline]) -> Ports:
    return Ports(clock or SystemClock(), ids or SystemIds(), pipeline=pipeline)


async def _close(origin: Origin) -> None:
    for client in origin._clients:
        await client.aclose()


@contextmanager
def variables(values: Mapping[str, str]) -> Iterator[None]:
    """The environment with these variables, inside the block."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
