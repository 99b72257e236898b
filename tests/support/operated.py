"""A service with one ordered consumer on the real parts, and its operator."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from shared.contracts.topics import BOOKING
from shared.database.migrate import head_of
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Consumer, Event
from shared.security.roles import Role
from shared.service import Ports, Service, build_service
from shared.settings import ServiceSettings
from tests.support import tokens
from tests.support.databases import app_url, superuser_url
from tests.support.events import record
from tests.support.eventually import eventually
from tests.support.kafka_log import put
from tests.support.mechanisms import SERVICE
from tests.support.services import PEOPLE_KEYS
from tests.support.stack import Stack

EFFECT = "INSERT INTO effects (consumer, event_id, key, sequence, note) VALUES ('rolls', :id, :key, :sequence, '')"


@dataclass
class Operated:
    """A service with one ordered consumer, and its operator."""

    stack: Stack
    prefix: str
    admin_url: str
    service: Service
    client: httpx2.AsyncClient
    broken: set[int] = field(default_factory=set)
    error: Exception = field(default_factory=lambda: ValueError("the rule is missing"))

    async def handle(self, unit: Unit, events: Sequence[Event]) -> None:
        for event in events:
            if event.sequence in self.broken:
                raise self.error
            await unit.execute(EFFECT, {"id": event.id, "key": event.key, "sequence": event.sequence})

    async def ask(self, path: str, role: Role = Role.OPERATOR) -> httpx2.Response:
        return await self.client.get(path, headers=tokens.bearer(role, municipality="1884"))

    async def decide(
        self, letter: str, how: str, reason: str = "mended", role: Role = Role.OPERATOR, key: str = ""
    ) -> httpx2.Response:
        headers = tokens.bearer(role, municipality="1884", subject="operator-1")
        headers |= {"Idempotency-Key": key} if key else {}
        return await self.client.post(f"/v1/dead-letters/{letter}/{how}", json={"reason": reason}, headers=headers)

    async def letters(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.ask("/v1/dead-letters")).json()["items"]
        return items

    async def position(self) -> dict[str, int]:
        position: dict[str, int] = (await self.ask("/v1/position")).json()
        return position

    async def write(self, session: UUID, *sequences: int) -> None:
        records = [record(session, sequence) for sequence in sequences]
        messages = [(one.key, one.value, one.headers) for one in records]
        await put(self.stack.bootstrap_servers, self.prefix + BOOKING.name, messages)

    async def caught_up(self) -> dict[str, int]:
        return await eventually(self.position, until=lambda position: position["lag"] == 0, what="no lag")

    async def effects(self) -> list[int]:
        return [row["sequence"] for row in await self.rows("SELECT sequence FROM effects ORDER BY id")]

    async def rows(self, statement: str) -> list[asyncpg.Record]:
        """Run past row-level security and privileges."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            return list(await connection.fetch(statement))
        finally:
            await connection.close()


@asynccontextmanager
async def operated(stack: Stack, database: str, prefix: str, *, revision: str) -> AsyncIterator[Operated]:
    admin_url = superuser_url(stack.admin_url, database)
    connection = await asyncpg.connect(admin_url)
    await connection.execute("INSERT INTO alembic_version VALUES ($1)", revision)
    await connection.execute(f"GRANT SELECT ON alembic_version TO {SERVICE}_app")
    await connection.close()
    settings = ServiceSettings(
        environment="development",
        issuer=tokens.ISSUER,
        audience=tokens.AUDIENCE,
        kafka_bootstrap_servers=stack.bootstrap_servers,
        topic_prefix=prefix,
        people_keys=PEOPLE_KEYS,
    )
    held: list[Operated] = []

    async def handle(unit: Unit, events: Sequence[Event]) -> None:
        await held[0].handle(unit, events)

    service = build_service(
        SERVICE,
        settings,
        database_url=app_url(stack.admin_url, SERVICE, database),
        title="operated",
        routers=[],
        consumers=[Consumer("rolls", (BOOKING,), handle, ordered=True)],
        ports=Ports(keys=tokens.issuer_keys()),
    )
    transport = httpx2.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://operated.test") as client:
        held.append(Operated(stack, prefix, admin_url, service, client))
        async with service.lifespan():
            yield held[0]


@pytest.fixture
async def at_work(stack: Stack, database: str, prefix: str) -> AsyncIterator[Operated]:
    async with operated(stack, database, prefix, revision=head_of(SERVICE)) as service:
        yield service
