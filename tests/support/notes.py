"""A small service on the mechanisms' own tables, built as every service is: notes by HTTP, one ordered consumer of
booking's events, and whoever calls, writes and operates it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import APIRouter, Form, Request, Response

from shared.contracts.booking_v1 import ShareReleased
from shared.contracts.topics import BOOKING
from shared.database.migrate import head_of
from shared.database.unit_of_work import Unit as UnitOfWork
from shared.messaging.delivery import Consumer, Event
from shared.security.roles import Caller, Role
from shared.security.tokens import unauthorized
from shared.service import Ports, Service, build_service
from shared.settings import ServiceSettings
from shared.web.bodies import Body
from shared.web.cursors import Listing, Paging
from shared.web.etags import require_if_match
from shared.web.problems import conflict, not_found
from shared.web.routing import Unit, Versioned, allow, service_router
from tests.support import tokens
from tests.support.clock import FixedClock
from tests.support.databases import app_url, superuser_url
from tests.support.events import record
from tests.support.eventually import eventually
from tests.support.kafka_log import put
from tests.support.mechanisms import SERVICE
from tests.support.services import PEOPLE_KEYS
from tests.support.stack import Stack

NORA, HALLSBERG = "1884", "1861"
EFFECT = "INSERT INTO effects (consumer, event_id, key, sequence, note) VALUES ('rolls', :id, :key, :sequence, '')"


class NoteBody(Body):
    municipality: str = NORA
    text: str


class NoteShown(NoteBody):
    id: UUID
    revision: int = 1


@dataclass
class Pause:
    """Holds requests whose text is `slow` inside their transaction."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


async def by_invitation(request: Request) -> Caller:
    """A way of being admitted that asks for no token."""
    if request.headers.get("invitation") != "yes":
        raise unauthorized("Ingen inbjudan.", "No invitation.")
    return Caller("guest", "Guest", frozenset({Role.COORDINATOR}))


def notes_router(pause: Pause) -> APIRouter:
    """Calls as any service has them, and odd ones."""
    router = service_router()

    @router.post("/v1/notes", status_code=201)
    async def create(body: NoteBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> Versioned[NoteShown]:
        note = NoteShown(id=unit.ids.uuid7(), **body.model_dump())
        insert = "INSERT INTO notes (id, municipality, text) VALUES (:id, :municipality, :text)"
        await unit.execute(insert, note.model_dump(exclude={"revision"}))
        unit.emit(ShareReleased(session_id=note.id, municipality=note.municipality, seats=1))
        if body.text == "slow":
            pause.reached.set()
            await pause.go_on.wait()
        if body.text == "refused":
            raise conflict("refused", "Nej.", "No.")
        if body.text == "bug":
            raise ZeroDivisionError
        return Versioned(note, 1)

    @router.get("/v1/notes")
    async def listed(page: Paging, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> Listing[NoteShown]:
        after = UUID(page.after[0]) if page.after else UUID(int=0)
        select = "SELECT * FROM notes WHERE id > :after ORDER BY id LIMIT :limit"
        rows = await unit.all(select, {"after": after, "limit": page.fetch})
        return page.answer(rows, lambda row: [row["id"]], lambda row: NoteShown(**row))

    @router.patch("/v1/notes/{note}")
    async def edit(
        note: UUID, body: NoteBody, request: Request, unit: Unit = allow(Role.MUNICIPALITY)
    ) -> Versioned[NoteShown]:
        row = await unit.one_or_none("SELECT * FROM notes WHERE id = :id FOR UPDATE", {"id": note})
        if row is None:
            raise not_found("Anteckningen", "The note")
        require_if_match(request, row["revision"])
        update = "UPDATE notes SET text = :text, revision = revision + 1 WHERE id = :id RETURNING *"
        changed = await unit.one(update, {"id": note, "text": body.text})
        return Versioned(NoteShown(**changed), changed["revision"])

    _add_odd_calls(router)
    return router


def _add_odd_calls(router: APIRouter) -> None:

    @router.get("/v1/counts")
    async def counts(unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> dict[str, int]:
        """What is seen before, inside and after `as_system`."""
        count = "SELECT count(*) FROM notes"
        seen = {"before": await unit.scalar(count)}
        async with unit.as_system():
            seen["inside"] = await unit.scalar(count)
        return {**seen, "after": await unit.scalar(count)}

    @router.post("/v1/answered")
    async def answered(unit: Unit = allow(Role.MUNICIPALITY)) -> Response:
        """Refuses by an answer of its own instead of an exception."""
        unit.emit(ShareReleased(session_id=unit.ids.uuid7(), municipality=NORA, seats=1))
        return Response(status_code=409)

    @router.post("/v1/forms")
    async def sent_by_a_page(
        text: Annotated[str, Form()], unit: Unit = allow(Role.COORDINATOR, by=by_invitation)
    ) -> Versioned[dict[str, str]]:
        return Versioned({"text": text, "by": unit.actor}, 7)

    @router.get("/v1/nobody")
    async def nobody(unit: Unit = allow()) -> dict[str, str]:
        return {}


@dataclass
class Notes:
    """The service, its callers, its operator and its database; its consumer fails at the sequences in `broken`."""

    stack: Stack
    prefix: str
    admin_url: str
    clock: FixedClock = field(default_factory=lambda: FixedClock(datetime.now(UTC)))
    pause: Pause = field(default_factory=Pause)
    broken: set[int] = field(default_factory=set)
    error: Exception = field(default_factory=lambda: ValueError("the rule is missing"))
    service: Service = field(init=False)
    client: httpx2.AsyncClient = field(init=False)

    # --- notes -------------------------------------------------------------------------------------------------------

    async def post(self, text: str = "hello", *, key: str | None = None, **claims: Any) -> httpx2.Response:
        headers = self.as_municipality(**claims) | ({"Idempotency-Key": key} if key else {})
        body = {"text": text, "municipality": claims.get("municipality", NORA)}
        return await self.client.post("/v1/notes", json=body, headers=headers)

    def as_municipality(self, municipality: str = NORA, subject: str = "") -> dict[str, str]:
        return self.bearer(Role.MUNICIPALITY, municipality=municipality, subject=subject)

    def bearer(self, *roles: Role | str, **claims: Any) -> dict[str, str]:
        """A token of this time of the service's clock: the machine's goes on while that one stands still."""
        now = int(self.clock.now().timestamp())
        return tokens.bearer(*roles, **{"iat": now, "exp": now + 3600, **claims})

    async def edit(self, note: str, etag: str | None, municipality: str = NORA) -> httpx2.Response:
        headers = self.as_municipality(municipality) | ({"If-Match": etag} if etag else {})
        return await self.client.patch(f"/v1/notes/{note}", json={"text": "edited"}, headers=headers)

    # --- the consumer and its operator --------------------------------------------------------------------------------

    async def handle(self, unit: UnitOfWork, events: Sequence[Event]) -> None:
        for event in events:
            if event.sequence in self.broken:
                raise self.error
            await unit.execute(EFFECT, {"id": event.id, "key": event.key, "sequence": event.sequence})

    async def ask(self, path: str, role: Role = Role.OPERATOR) -> httpx2.Response:
        return await self.client.get(path, headers=self.bearer(role, municipality="1884"))

    async def decide(
        self, letter: str, how: str, reason: str = "mended", role: Role = Role.OPERATOR, key: str = ""
    ) -> httpx2.Response:
        headers = self.bearer(role, municipality="1884", subject="operator-1")
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

    # --- the database ------------------------------------------------------------------------------------------------

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        """Run past row-level security and privileges."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            return [dict(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    async def texts(self) -> list[str]:
        return [row["text"] for row in await self.rows("SELECT text FROM notes ORDER BY id")]


@asynccontextmanager
async def serving(
    stack: Stack,
    database: str,
    *,
    prefix: str = "",
    messaging: bool = False,
    revision: str = "",
    wrap: Callable[[Any], Any] = lambda app: app,
) -> AsyncIterator[Notes]:
    """The service on this database; with `messaging` its relay and its consumer run on the topics of the prefix."""
    notes = Notes(stack, prefix, superuser_url(stack.admin_url, database))
    if messaging:
        await notes.rows(f"INSERT INTO alembic_version VALUES ('{revision or head_of(SERVICE)}')")
        await notes.rows(f"GRANT SELECT ON alembic_version TO {SERVICE}_app")
    settings = ServiceSettings(
        environment="development",
        issuer=tokens.ISSUER,
        audience=tokens.AUDIENCE,
        kafka_bootstrap_servers=stack.bootstrap_servers,
        topic_prefix=prefix,
        people_keys=PEOPLE_KEYS,
    )
    notes.service = build_service(
        SERVICE,
        settings,
        database_url=app_url(stack.admin_url, SERVICE, database),
        title="notes",
        routers=[notes_router(notes.pause)],
        consumers=[Consumer("rolls", (BOOKING,), notes.handle, ordered=True)],
        ports=Ports(notes.clock, keys=tokens.issuer_keys()),
    )
    transport = httpx2.ASGITransport(wrap(notes.service.app), raise_app_exceptions=False)
    async with (
        httpx2.AsyncClient(transport=transport, base_url="http://notes.test") as notes.client,
        notes.service.lifespan(messaging=messaging),
    ):
        yield notes


# --- fixtures: a folder's conftest takes over those that it uses -----------------------------------------------------


@pytest.fixture
async def notes(stack: Stack, database: str) -> AsyncIterator[Notes]:
    """The service behind its HTTP API alone."""
    async with serving(stack, database) as notes:
        yield notes


@pytest.fixture
async def at_work(stack: Stack, database: str, prefix: str) -> AsyncIterator[Notes]:
    """The service with relay and consumer."""
    async with serving(stack, database, prefix=prefix, messaging=True) as notes:
        yield notes
