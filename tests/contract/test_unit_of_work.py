"""Every request is one transaction that commits before its answer leaves, at most once."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from starlette.types import Message, Receive, Scope, Send

from shared.database.engine import WAIT_SECONDS
from shared.security.roles import NOTHING, SYSTEM, Caller, Role, scope_of
from shared.security.roles import Scope as RowScope
from tests.support import tokens
from tests.support.cut import cut_at_commit
from tests.support.eventually import eventually
from tests.support.notes import HALLSBERG, NORA, Notes, serving
from tests.support.stack import Stack


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

        async with serving(stack, database, wrap=looking) as watched:
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

    async def test_a_kept_answer_is_seen_by_its_caller_alone(self, notes: Notes) -> None:
        await notes.post("mine", key="k1", subject="anna")
        anna, bo = (
            Caller(name, name, frozenset({Role.MUNICIPALITY}), NORA, issuer=tokens.ISSUER) for name in ("anna", "bo")
        )
        seen = [
            await kept_answers(notes, scope)
            for scope in (scope_of(anna, Role.MUNICIPALITY), scope_of(bo, Role.MUNICIPALITY), SYSTEM, NOTHING)
        ]
        assert seen == [1, 0, 0, 0]

    async def test_whoever_has_the_table_learns_nothing_from_it(self, notes: Notes) -> None:
        """Neither the answer, nor the address, which may be a personal link, nor a body that can be guessed."""
        first = await notes.post("a secret", key="k1")
        [kept] = await notes.rows("SELECT (idempotency_keys.* :: text) AS row FROM idempotency_keys")
        guessed = hashlib.sha256(b"\n" + first.request.content)
        plain = (first.content, b"/v1/notes", guessed.digest(), guessed.hexdigest().encode())
        assert [one for one in plain if one.decode("latin-1") in kept["row"] or one.hex() in kept["row"]] == []
        assert (await notes.post("a secret", key="k1")).content == first.content

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


async def kept_answers(notes: Notes, scope: RowScope) -> int:
    async with notes.service.units.open(scope=scope) as unit:
        return int(await unit.scalar("SELECT count(*) FROM idempotency_keys"))


async def test_a_lock_that_is_held_too_long_is_503_with_retry_after(stack: Stack, database: str) -> None:
    async with serving(stack, database) as notes:
        created = await notes.post()
        blocker = await asyncpg.connect(notes.admin_url)
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("SELECT 1 FROM notes FOR UPDATE")
        try:
            answer = await notes.edit(created.json()["id"], '"1"')
        finally:
            await transaction.rollback()
            await blocker.close()
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        assert await notes.texts() == ["hello"]


async def test_a_connection_that_is_waited_for_too_long_is_503_soon(notes: Notes) -> None:
    """Every connection is in use by a request that hangs: the next one is told so while its user still waits."""
    pool = notes.service.settings.pool_size
    hanging = [asyncio.create_task(notes.post("slow")) for _ in range(pool)]
    await eventually(lambda: notes.service.engine.pool.checkedout(), until=lambda used: used == pool, what="all in use")  # type: ignore[attr-defined]
    answer = await notes.post()
    assert not any(one.done() for one in hanging), "told while all of them hang"
    notes.pause.go_on.set()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert notes.service.engine.pool.timeout() == WAIT_SECONDS  # type: ignore[attr-defined]
    assert {answer.status_code for answer in await asyncio.gather(*hanging)} == {201}


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
