"""Every request is one transaction that commits before its answer leaves, in the caller's scope, at most once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import Request, Response
from joserfc.jwk import KeySet
from pydantic import BaseModel
from starlette.types import Message, Receive, Scope, Send

from shared.clock import FixedClock
from shared.contracts.booking_v1 import ShareReleased
from shared.security.roles import Role
from shared.security.tokens import StaticKeys
from shared.service import Service, build_service
from shared.settings import ServiceSettings
from shared.web.cursors import Listing, Paging
from shared.web.etags import require_if_match, set_etag
from shared.web.problems import conflict, not_found
from shared.web.routing import Unit, allow, service_router
from tests.support import tokens
from tests.support.cut import cut_at_commit
from tests.support.databases import app_url, owner_url, superuser_url
from tests.support.eventually import eventually
from tests.support.mechanisms import SERVICE
from tests.support.services import PEOPLE_KEYS
from tests.support.stack import Stack

NORA, HALLSBERG = "1884", "1861"


class NoteIn(BaseModel):
    municipality: str = NORA
    text: str


class NoteOut(NoteIn):
    id: UUID
    revision: int = 1


@dataclass
class Pause:
    """Holds requests whose text is `slow` inside their transaction."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


def notes_router(pause: Pause) -> Any:
    """Calls as any service has them."""
    router = service_router()
    municipality, coordinator = Role.MUNICIPALITY, Role.COORDINATOR

    @router.post("/v1/notes", status_code=201)
    async def create(body: NoteIn, response: Response, unit: Unit = allow(municipality, coordinator)) -> NoteOut:
        note = NoteOut(id=unit.ids.uuid7(), **body.model_dump())
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
        set_etag(response, 1)
        return note

    @router.get("/v1/notes")
    async def listed(page: Paging, unit: Unit = allow(municipality, coordinator)) -> Listing[NoteOut]:
        after = UUID(page.after[0]) if page.after else UUID(int=0)
        select = "SELECT * FROM notes WHERE id > :after ORDER BY id LIMIT :limit"
        rows = await unit.all(select, {"after": after, "limit": page.fetch})
        return page.answer(rows, lambda row: [row["id"]], lambda row: NoteOut(**row))

    @router.patch("/v1/notes/{note}")
    async def edit(
        note: UUID, body: NoteIn, request: Request, response: Response, unit: Unit = allow(municipality)
    ) -> NoteOut:
        row = await unit.one_or_none("SELECT * FROM notes WHERE id = :id FOR UPDATE", {"id": note})
        if row is None:
            raise not_found("Anteckningen", "The note")
        require_if_match(request, row["revision"])
        update = "UPDATE notes SET text = :text, revision = revision + 1 WHERE id = :id RETURNING *"
        changed = await unit.one(update, {"id": note, "text": body.text})
        set_etag(response, changed["revision"])
        return NoteOut(**changed)

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
    client: httpx.AsyncClient

    async def post(self, text: str = "hello", *, key: str | None = None, **claims: Any) -> httpx.Response:
        headers = self.as_municipality(**claims) | ({"Idempotency-Key": key} if key else {})
        body = {"text": text, "municipality": claims.get("municipality", NORA)}
        return await self.client.post("/v1/notes", json=body, headers=headers)

    def as_municipality(self, municipality: str = NORA, subject: str = "") -> dict[str, str]:
        return tokens.bearer(
            Role.MUNICIPALITY, municipality=municipality, subject=subject, exp=int(self.clock.now().timestamp()) + 3600
        )

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
        clock=clock,
        keys=StaticKeys(KeySet.import_key_set(tokens.public_keys())),  # type: ignore[arg-type]  # a JWKS document
    )
    transport = httpx.ASGITransport(wrap(service.app), raise_app_exceptions=False)
    async with (
        service.lifespan(messaging=False),
        httpx.AsyncClient(transport=transport, base_url="http://notes.test") as client,
    ):
        yield Notes(service, superuser_url(stack.admin_url, database), clock, pause, client)


@pytest.fixture
async def notes(stack: Stack, database: str) -> AsyncIterator[Notes]:
    async with serving(stack, database) as notes:
        yield notes


class TestCommit:
    async def test_change_and_event_are_there_when_the_answer_is(self, notes: Notes) -> None:
        answer = await notes.post()
        assert answer.status_code == 201
        assert await notes.texts() == ["hello"]
        assert [row["key"] for row in await notes.rows("SELECT key FROM outbox")] == [answer.json()["id"]]

    async def test_it_comes_before_the_first_byte_of_the_answer(self, stack: Stack, database: str) -> None:
        seen: list[list[str]] = []
        serving_notes: list[Notes] = []

        def looking(app: Any) -> Any:
            async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
                async def look(message: Message) -> None:
                    if message["type"] == "http.response.start" and scope["method"] == "POST":
                        seen.append(await serving_notes[0].texts())
                    await send(message)

                await app(scope, receive, look)

            return wrapped

        async with serving(stack, database, looking) as watched:
            serving_notes.append(watched)
            assert (await watched.post()).status_code == 201
        assert seen == [["hello"]]

    async def test_a_failing_commit_is_a_500_and_leaves_nothing(self, notes: Notes) -> None:
        answer = await notes.post("fail at commit", key="k1")
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert "Traceback" not in answer.text
        assert "on purpose" not in answer.text
        assert await notes.texts() == []
        assert await notes.rows("SELECT 1 FROM outbox") == []
        assert await notes.rows("SELECT 1 FROM idempotency_keys") == []

    @pytest.mark.parametrize(("text", "status"), [("refused", 409), ("bug", 500)])
    async def test_a_refusal_leaves_nothing(self, notes: Notes, text: str, status: int) -> None:
        assert (await notes.post(text, key="k1")).status_code == status
        assert await notes.texts() == []
        assert await notes.rows("SELECT 1 FROM outbox") == []

    async def test_an_unknown_outcome_is_told_as_one(self, stack: Stack, database: str) -> None:
        """The server commits, and the connection breaks before it has said so."""
        async with (
            cut_at_commit(stack.admin_url) as admin_url,
            serving(replace(stack, admin_url=admin_url), database) as notes,
        ):
            answer = await notes.post("kept", key="k1")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
            assert "allt är sparat eller inget" in answer.json()["detail"]
            again = await notes.post("kept", key="k1")
            assert (again.status_code, again.json()["text"]) == (201, "kept"), "the answer that was lost"
            assert await notes.texts() == ["kept"]

    async def test_a_refusal_that_is_an_answer_leaves_nothing_either(self, notes: Notes) -> None:
        headers = notes.as_municipality() | {"Idempotency-Key": "k1"}
        assert (await notes.client.post("/v1/answered", headers=headers)).status_code == 409
        assert await notes.rows("SELECT 1 FROM outbox") == []
        assert await notes.rows("SELECT 1 FROM idempotency_keys") == []


class TestIdempotency:
    async def test_the_same_request_has_one_effect_and_one_answer(self, notes: Notes) -> None:
        first, second = await notes.post(key="k1"), await notes.post(key="k1")
        assert (second.status_code, second.content) == (first.status_code, first.content)
        assert second.headers["etag"] == first.headers["etag"]
        assert await notes.texts() == ["hello"]
        assert len(await notes.rows("SELECT 1 FROM outbox")) == 1

    async def test_another_body_is_422(self, notes: Notes) -> None:
        await notes.post("one", key="k1")
        answer = await notes.post("two", key="k1")
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "idempotency-key-reused")
        assert await notes.texts() == ["one"]

    async def test_one_still_running_is_409_and_later_has_its_answer(self, notes: Notes) -> None:
        running = asyncio.create_task(notes.post("slow", key="k1"))
        await asyncio.wait_for(notes.pause.reached.wait(), 10)
        impatient = await notes.post("slow", key="k1")
        assert (impatient.status_code, impatient.headers["retry-after"]) == (409, "1")
        notes.pause.go_on.set()
        assert (await running).status_code == 201
        assert (await notes.post("slow", key="k1")).json() == (await running).json()
        assert await notes.texts() == ["slow"]

    async def test_what_failed_is_not_kept(self, notes: Notes) -> None:
        for text in ("refused", "bug", "fail at commit"):
            await notes.post(text, key="k1")
        assert (await notes.post("hello", key="k1")).status_code == 201

    async def test_keys_of_different_callers_are_different(self, notes: Notes) -> None:
        await notes.post("mine", key="k1", subject="anna")
        assert (await notes.post("yours", key="k1", subject="bo")).status_code == 201
        assert (await notes.post("yours", key="k1", municipality=HALLSBERG, subject="anna")).status_code == 201

    async def test_answers_are_kept_seven_days(self, notes: Notes) -> None:
        await notes.post("one", key="k1")
        notes.clock.advance(timedelta(days=6, hours=23))
        assert (await notes.post("one", key="k1")).status_code == 201
        assert await notes.texts() == ["one"]
        notes.clock.advance(timedelta(hours=2))
        assert (await notes.post("two", key="k1")).status_code == 201
        assert await notes.texts() == ["one", "two"]

    @pytest.mark.parametrize("key", ["x" * 256])
    async def test_an_unusable_key_is_400(self, notes: Notes, key: str) -> None:
        assert (await notes.post(key=key)).status_code == 400

    async def test_twenty_at_once_have_one_effect(self, notes: Notes) -> None:
        answers = await asyncio.gather(*(notes.post(key="k1") for _ in range(20)))
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        assert await notes.texts() == ["hello"]


class TestEdits:
    async def edit(self, notes: Notes, note: str, etag: str | None, municipality: str = NORA) -> httpx.Response:
        headers = notes.as_municipality(municipality) | ({"If-Match": etag} if etag else {})
        return await notes.client.patch(f"/v1/notes/{note}", json={"text": "edited"}, headers=headers)

    async def test_with_the_tag_that_was_read(self, notes: Notes) -> None:
        created = await notes.post()
        answer = await self.edit(notes, created.json()["id"], created.headers["etag"])
        assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')

    async def test_a_stale_tag_is_412_and_names_the_present_one(self, notes: Notes) -> None:
        created = await notes.post()
        await self.edit(notes, created.json()["id"], '"1"')
        answer = await self.edit(notes, created.json()["id"], '"1"')
        assert (answer.status_code, answer.headers["etag"]) == (412, '"2"')

    async def test_no_tag_is_428(self, notes: Notes) -> None:
        created = await notes.post()
        assert (await self.edit(notes, created.json()["id"], None)).status_code == 428

    async def test_of_two_at_once_one_wins(self, notes: Notes) -> None:
        created = await notes.post()
        edits = await asyncio.gather(*(self.edit(notes, created.json()["id"], '"1"') for _ in range(2)))
        assert sorted(answer.status_code for answer in edits) == [200, 412]

    async def test_the_row_of_another_municipality_does_not_exist(self, notes: Notes) -> None:
        created = await notes.post()
        assert (await self.edit(notes, created.json()["id"], '"1"', HALLSBERG)).status_code == 404


class TestLists:
    async def pages(self, notes: Notes, limit: int) -> list[list[str]]:
        pages: list[list[str]] = []
        cursor: str | None = None
        while True:
            params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
            answer = (await notes.client.get("/v1/notes", params=params, headers=notes.as_municipality())).json()
            pages.append([item["text"] for item in answer["items"]])
            cursor = answer["next"]
            if cursor is None:
                return pages

    async def test_pages_join_without_gap_or_repetition(self, notes: Notes) -> None:
        for number in range(7):
            await notes.post(f"note {number}")
        assert [len(page) for page in await self.pages(notes, 3)] == [3, 3, 1]
        texts = [text for page in await self.pages(notes, 3) for text in page]
        assert texts == [f"note {number}" for number in range(7)]

    async def test_a_full_last_page_says_that_it_is_the_last(self, notes: Notes) -> None:
        for number in range(6):
            await notes.post(f"note {number}")
        assert [len(page) for page in await self.pages(notes, 3)] == [3, 3]

    async def test_an_empty_list(self, notes: Notes) -> None:
        assert await self.pages(notes, 3) == [[]]

    @pytest.mark.parametrize(("query", "status"), [("limit=0", 422), ("limit=501", 422), ("cursor=%3F", 400)])
    async def test_bad_pages_are_refused(self, notes: Notes, query: str, status: int) -> None:
        answer = await notes.client.get(f"/v1/notes?{query}", headers=notes.as_municipality())
        assert answer.status_code == status


class TestScope:
    async def test_a_municipality_sees_its_own_rows(self, notes: Notes) -> None:
        await notes.post("ours")
        await notes.post("theirs", municipality=HALLSBERG)
        answer = await notes.client.get("/v1/notes", headers=notes.as_municipality())
        assert [item["text"] for item in answer.json()["items"]] == ["ours"]

    async def test_the_coordinator_sees_all(self, notes: Notes) -> None:
        await notes.post("ours")
        await notes.post("theirs", municipality=HALLSBERG)
        answer = await notes.client.get("/v1/notes", headers=tokens.bearer(Role.COORDINATOR))
        assert len(answer.json()["items"]) == 2

    async def test_nobody_writes_rows_of_others(self, notes: Notes) -> None:
        body = {"text": "forged", "municipality": HALLSBERG}
        answer = await notes.client.post("/v1/notes", json=body, headers=notes.as_municipality(NORA))
        assert answer.status_code == 500
        assert await notes.texts() == []

    async def test_as_system_lifts_the_scope_and_gives_it_back(self, notes: Notes) -> None:
        await notes.post("ours")
        await notes.post("theirs", municipality=HALLSBERG)
        answer = await notes.client.get("/v1/counts", headers=notes.as_municipality())
        assert answer.json() == {"before": 1, "inside": 2, "after": 1}

    async def test_unset_sees_nothing_and_neither_does_what_a_pooled_connection_leaves(
        self, notes: Notes, stack: Stack, database: str
    ) -> None:
        await notes.post("ours")
        for role, url_of in (("app", app_url), ("owner", owner_url)):
            connection = await asyncpg.connect(url_of(stack.admin_url, SERVICE, database))
            try:
                assert await connection.fetchval("SELECT count(*) FROM notes") == 0, f"{role}: unset"
                async with connection.transaction():
                    await connection.execute("SELECT set_config('kursnav.scope', 'system', true)")
                    assert await connection.fetchval("SELECT count(*) FROM notes") == 1
                assert await connection.fetchval("SELECT current_setting('kursnav.scope', true)") == ""
                assert await connection.fetchval("SELECT count(*) FROM notes") == 0, f"{role}: left empty"
                await connection.execute("SELECT set_config('kursnav.scope', 'municipality', false)")
                assert await connection.fetchval("SELECT count(*) FROM notes") == 0, f"{role}: no municipality"
            finally:
                await connection.close()

    async def test_a_unit_of_work_without_scope_sees_nothing(self, notes: Notes) -> None:
        await notes.post("ours")
        async with notes.service.units.open() as unit:
            assert await unit.scalar("SELECT count(*) FROM notes") == 0

    async def test_the_runtime_role_can_neither_change_nor_leave_the_policies(
        self, stack: Stack, database: str
    ) -> None:
        connection = await asyncpg.connect(app_url(stack.admin_url, SERVICE, database))
        try:
            for statement in ("ALTER TABLE notes DISABLE ROW LEVEL SECURITY", "DROP POLICY notes_scope ON notes"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
            role = await connection.fetchrow("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
            assert tuple(role or ()) == (False, False)
        finally:
            await connection.close()


class TestRoles:
    async def test_without_a_token_401(self, notes: Notes) -> None:
        answer = await notes.client.get("/v1/notes")
        assert (answer.status_code, answer.headers["www-authenticate"].split()[0]) == (401, "Bearer")

    @pytest.mark.parametrize("role", [Role.TRAINER, Role.FUNDER, Role.EVALUATOR, Role.OPERATOR, "invented"])
    async def test_another_role_403(self, notes: Notes, role: str) -> None:
        claims = {"trainer_id": uuid4()} if role == Role.TRAINER else {}
        answer = await notes.client.get("/v1/notes", headers=tokens.bearer(role, **claims))
        assert answer.status_code == 403

    async def test_a_municipality_without_its_claim_sees_nothing(self, notes: Notes) -> None:
        assert (await notes.client.get("/v1/notes", headers=tokens.bearer(Role.MUNICIPALITY))).status_code == 403

    async def test_a_route_that_allows_nobody_is_closed_to_all(self, notes: Notes) -> None:
        headers = tokens.bearer(*Role, municipality=NORA, trainer_id=uuid4())
        assert (await notes.client.get("/v1/nobody", headers=headers)).status_code == 403


async def test_a_lock_that_is_held_too_long_is_503_with_retry_after(stack: Stack, database: str) -> None:
    async with serving(stack, database) as notes:
        created = await notes.post()
        blocker = await asyncpg.connect(notes.admin_url)
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("SELECT 1 FROM notes FOR UPDATE")
        try:
            answer = await TestEdits().edit(notes, created.json()["id"], '"1"')
        finally:
            await transaction.rollback()
            await blocker.close()
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        assert await notes.texts() == ["hello"]


async def test_a_client_that_went_away_holds_nothing(notes: Notes) -> None:
    """Its transaction ends either way; nothing stays locked or half-done."""
    running = asyncio.create_task(notes.post("slow", key="k1"))
    await asyncio.wait_for(notes.pause.reached.wait(), 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    notes.pause.go_on.set()

    async def again() -> int:
        return (await notes.post("slow", key="k1")).status_code

    assert await eventually(again, until=lambda status: status != 409, what="the key is free again") == 201
    assert await notes.texts() == ["slow"]
