"""A small service of notes, with calls as any service has them, for the suites about requests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import httpx2
from fastapi import Form, Request, Response

from shared.contracts.booking_v1 import ShareReleased
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
from tests.support.mechanisms import SERVICE
from tests.support.services import PEOPLE_KEYS
from tests.support.stack import Stack

NORA, HALLSBERG = "1884", "1861"


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


def notes_router(pause: Pause) -> Any:
    """Calls as any service has them."""
    router = service_router()
    municipality, coordinator = Role.MUNICIPALITY, Role.COORDINATOR

    @router.post("/v1/notes", status_code=201)
    async def create(body: NoteBody, unit: Unit = allow(municipality, coordinator)) -> Versioned[NoteShown]:
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
    async def listed(page: Paging, unit: Unit = allow(municipality, coordinator)) -> Listing[NoteShown]:
        after = UUID(page.after[0]) if page.after else UUID(int=0)
        select = "SELECT * FROM notes WHERE id > :after ORDER BY id LIMIT :limit"
        rows = await unit.all(select, {"after": after, "limit": page.fetch})
        return page.answer(rows, lambda row: [row["id"]], lambda row: NoteShown(**row))

    @router.patch("/v1/notes/{note}")
    async def edit(
        note: UUID, body: NoteBody, request: Request, unit: Unit = allow(municipality)
    ) -> Versioned[NoteShown]:
        row = await unit.one_or_none("SELECT * FROM notes WHERE id = :id FOR UPDATE", {"id": note})
        if row is None:
            raise not_found("Anteckningen", "The note")
        require_if_match(request, row["revision"])
        update = "UPDATE notes SET text = :text, revision = revision + 1 WHERE id = :id RETURNING *"
        changed = await unit.one(update, {"id": note, "text": body.text})
        return Versioned(NoteShown(**changed), changed["revision"])

    @router.get("/v1/counts")
    async def counts(unit: Unit = allow(municipality, coordinator)) -> dict[str, int]:
        """What is seen before, inside and after `as_system`."""
        count = "SELECT count(*) FROM notes"
        seen = {"before": await unit.scalar(count)}
        async with unit.as_system():
            seen["inside"] = await unit.scalar(count)
        return {**seen, "after": await unit.scalar(count)}

    @router.post("/v1/answered")
    async def answered(unit: Unit = allow(municipality)) -> Response:
        """Refuses by an answer of its own instead of an exception."""
        unit.emit(ShareReleased(session_id=unit.ids.uuid7(), municipality=NORA, seats=1))
        return Response(status_code=409)

    @router.post("/v1/forms")
    async def sent_by_a_page(
        text: Annotated[str, Form()], unit: Unit = allow(coordinator, by=by_invitation)
    ) -> Versioned[dict[str, str]]:
        return Versioned({"text": text, "by": unit.actor}, 7)

    @router.get("/v1/nobody")
    async def nobody(unit: Unit = allow()) -> dict[str, str]:
        return {}

    return router


@dataclass
class Notes:
    """The service, its callers and its database."""

    service: Service
    admin_url: str
    clock: FixedClock
    pause: Pause
    client: httpx2.AsyncClient

    async def post(self, text: str = "hello", *, key: str | None = None, **claims: Any) -> httpx2.Response:
        headers = self.as_municipality(**claims) | ({"Idempotency-Key": key} if key else {})
        body = {"text": text, "municipality": claims.get("municipality", NORA)}
        return await self.client.post("/v1/notes", json=body, headers=headers)

    def as_municipality(self, municipality: str = NORA, subject: str = "") -> dict[str, str]:
        return tokens.bearer(
            Role.MUNICIPALITY, municipality=municipality, subject=subject, exp=int(self.clock.now().timestamp()) + 3600
        )

    async def edit(self, note: str, etag: str | None, municipality: str = NORA) -> httpx2.Response:
        headers = self.as_municipality(municipality) | ({"If-Match": etag} if etag else {})
        return await self.client.patch(f"/v1/notes/{note}", json={"text": "edited"}, headers=headers)

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        """Seen past row-level security."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            return [dict(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    async def texts(self) -> list[str]:
        return [row["text"] for row in await self.rows("SELECT text FROM notes ORDER BY id")]


@asynccontextmanager
async def serving(stack: Stack, database: str, wrap: Callable[[Any], Any] = lambda app: app) -> AsyncIterator[Notes]:
    clock, pause = FixedClock(datetime.now(UTC)), Pause()
    service = build_service(
        SERVICE,
        ServiceSettings(
            environment="development", issuer=tokens.ISSUER, audience=tokens.AUDIENCE, people_keys=PEOPLE_KEYS
        ),
        database_url=app_url(stack.admin_url, SERVICE, database),
        title="notes",
        routers=[notes_router(pause)],
        ports=Ports(clock, keys=tokens.issuer_keys()),
    )
    transport = httpx2.ASGITransport(wrap(service.app), raise_app_exceptions=False)
    async with (
        service.lifespan(messaging=False),
        httpx2.AsyncClient(transport=transport, base_url="http://notes.test") as client,
    ):
        yield Notes(service, superuser_url(stack.admin_url, database), clock, pause, client)
