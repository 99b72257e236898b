"""What an operator sees and does: readiness, position, metrics, dead letters."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
import uvicorn
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.routing import Mount

from infra.local import ports
from infra.local.stack import kursnav
from shared.contracts.topics import BOOKING
from shared.database.migrate import head_of
from shared.database.unit_of_work import Unit
from shared.messaging import dead_letters, parking
from shared.messaging.delivery import Consumer, Event
from shared.messaging.pipeline import TryAgain
from shared.security.roles import Role
from shared.security.tokens import StaticKeys
from shared.service import Service, build_service
from shared.settings import ServiceSettings
from shared.web import cursors
from tests.support import tokens
from tests.support.databases import app_url, superuser_url
from tests.support.events import headers_of, record, released
from tests.support.eventually import eventually
from tests.support.kafka_log import put
from tests.support.mechanisms import SERVICE
from tests.support.services import PEOPLE_KEYS
from tests.support.stack import Stack

SESSION, OTHER = uuid4(), uuid4()
EFFECT = "INSERT INTO effects (consumer, event_id, key, sequence, note) VALUES ('rolls', :id, :key, :sequence, '')"


@dataclass
class Operated:
    """A service with one ordered consumer, and its operator."""

    stack: Stack
    prefix: str
    admin_url: str
    service: Service
    client: httpx.AsyncClient
    broken: set[int] = field(default_factory=set)
    error: Exception = field(default_factory=lambda: ValueError("the rule is missing"))

    async def handle(self, unit: Unit, events: Sequence[Event]) -> None:
        for event in events:
            if event.sequence in self.broken:
                raise self.error
            await unit.execute(EFFECT, {"id": event.id, "key": event.key, "sequence": event.sequence})

    async def ask(self, path: str, role: Role = Role.OPERATOR) -> httpx.Response:
        return await self.client.get(path, headers=tokens.bearer(role, municipality="1884"))

    async def decide(
        self, letter: str, how: str, reason: str = "mended", role: Role = Role.OPERATOR, key: str = ""
    ) -> httpx.Response:
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
        connection = await asyncpg.connect(self.admin_url)
        try:
            return [row["sequence"] for row in await connection.fetch("SELECT sequence FROM effects ORDER BY id")]
        finally:
            await connection.close()


@dataclass(frozen=True)
class Commands:
    """`kursnav dead-letters` in a process of its own, with a token of one role."""

    origin: str

    async def run(self, what: str, *rest: str, role: Role = Role.OPERATOR) -> "subprocess.CompletedProcess[str]":
        access = tokens.token(role, municipality="1884")
        return await asyncio.to_thread(
            subprocess.run,
            kursnav("dead-letters", what, SERVICE, *rest),
            env={**os.environ, "KURSNAV_URL": self.origin, "KURSNAV_TOKEN": access},
            capture_output=True,
            text=True,
            timeout=60,
        )


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
        keys=StaticKeys(KeySet.import_key_set(tokens.public_keys())),  # type: ignore[arg-type]  # a JWKS document
    )
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://operated.test") as client:
        held.append(Operated(stack, prefix, admin_url, service, client))
        async with service.lifespan():
            yield held[0]


@pytest.fixture
async def at_work(stack: Stack, database: str, prefix: str) -> AsyncIterator[Operated]:
    async with operated(stack, database, prefix, revision=head_of(SERVICE)) as service:
        yield service


class TestReadiness:
    async def test_ready_when_database_and_consumers_are(self, at_work: Operated) -> None:
        async def status() -> int:
            return (await at_work.client.get("/health/ready")).status_code

        await eventually(status, until=lambda code: code == 200, what="ready")
        assert (await at_work.client.get("/health/live")).status_code == 200

    async def test_an_old_database_is_named_with_the_command(self, stack: Stack, database: str, prefix: str) -> None:
        async with operated(stack, database, prefix, revision="0000") as service:
            answer = await service.client.get("/health/ready")
            assert answer.status_code == 503
            assert any("kursnav migrate" in what for what in answer.json()["missing"])
            assert (await service.client.get("/health/live")).status_code == 200, "alive all the same"


class TestPosition:
    async def test_everything_is_zero_when_everything_has_arrived(self, at_work: Operated) -> None:
        await at_work.write(uuid4(), 1, 2, 3)
        await eventually(at_work.effects, until=lambda effects: len(effects) == 3)
        expected = {"outbox_unsent": 0, "lag": 0, "held": 0, "parked": 0, "dead_letters": 0}
        await eventually(at_work.position, until=lambda position: position == expected, what="settled")

    async def test_what_is_committed_here_is_sent_and_comes_back(self, at_work: Operated) -> None:
        async with at_work.service.units.system() as unit:
            unit.emit(released(uuid4(), 1))
        await eventually(at_work.effects, until=lambda effects: effects == [1])

    async def test_any_role_may_ask(self, at_work: Operated) -> None:
        for role in (Role.COORDINATOR, Role.MUNICIPALITY, Role.FUNDER, Role.EVALUATOR, Role.OPERATOR):
            assert (await at_work.ask("/v1/position", role)).status_code == 200
        assert (await at_work.client.get("/v1/position")).status_code == 401


class TestDeadLetters:
    @pytest.fixture
    async def failed(self, at_work: Operated) -> Operated:
        """Sequence 2 of a session failed; 3 waits behind it."""
        at_work.broken = {2}
        await at_work.write(uuid4(), 1, 2, 3)
        position = await at_work.caught_up()
        assert (position["dead_letters"], position["parked"]) == (1, 1)
        return at_work

    async def test_they_are_listed_with_why_and_what(self, failed: Operated) -> None:
        dead, parked = await failed.letters()
        assert (dead["state"], dead["reason"], dead["consumer"]) == ("dead", "ValueError", "rolls")
        assert "the rule is missing" in dead["detail"]
        assert parked["state"] == "parked"
        one = await failed.ask(f"/v1/dead-letters/{dead['id']}")
        assert (one.json(), one.headers["etag"]) == ({**dead, "waiting": 1}, '"0"')
        assert dict(dead["headers"])["ce_sequence"] == "2"

    async def test_replayed_too_early_it_stays_and_says_why(self, failed: Operated) -> None:
        [dead, _] = await failed.letters()
        answer = await failed.decide(dead["id"], "replay")
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "replay-failed")
        assert "ValueError: the rule is missing" in answer.json()["detail"]
        assert (answer.json()["dead_letter"], answer.json()["applied"]) == (dead["id"], 0)
        assert [letter["state"] for letter in await failed.letters()] == ["dead", "parked"]

    async def test_replayed_once_mended_the_whole_key_is_applied_in_order(self, failed: Operated) -> None:
        [dead, _] = await failed.letters()
        failed.broken.clear()
        answer = await failed.decide(dead["id"], "replay")
        assert (answer.status_code, answer.json()["state"], answer.json()["decided_by"]) == (
            200,
            "replayed",
            "operator-1",
        )
        assert (answer.json()["applied"], answer.json()["waiting"]) == (2, 0)
        assert await failed.effects() == [1, 2, 3]
        position = await failed.position()
        assert (position["dead_letters"], position["parked"]) == (0, 0)
        assert (await failed.decide(dead["id"], "replay")).status_code == 409
        [letter, _] = await failed.letters()
        assert (await failed.ask(f"/v1/dead-letters/{letter['id']}")).headers["etag"] == '"1"'

    async def test_a_replay_whose_answer_was_lost_is_answered_again(self, failed: Operated) -> None:
        """It commits event by event, before its answer is kept: the same request finds it done."""
        [dead, _] = await failed.letters()
        failed.broken.clear()
        assert (await failed.decide(dead["id"], "replay", key="first")).json()["applied"] == 2
        async with failed.service.units.system() as unit:
            await unit.execute("DELETE FROM idempotency_keys")
        again = await failed.decide(dead["id"], "replay", key="first")
        assert (again.status_code, again.json()["state"], again.json()["applied"]) == (200, "replayed", 0)
        other = await failed.decide(dead["id"], "replay", reason="another", key="second")
        assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (409, "already-decided")

    async def test_a_replay_that_is_only_held_up_is_503(self, failed: Operated) -> None:
        [dead, _] = await failed.letters()
        failed.broken.clear()
        failed.error = TryAgain("the seats are counted")
        failed.broken = {2}
        answer = await failed.decide(dead["id"], "replay")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")

    async def test_a_discard_waits_for_what_is_joining_the_queue(self, failed: Operated) -> None:
        """Else an event could be parked behind nothing, and nobody would look for it."""
        [dead, _] = await failed.letters()
        async with failed.service.units.system() as joining:
            await parking.lock(joining, "rolls", dead["topic"], dead["key"])
            discarding = asyncio.create_task(failed.decide(dead["id"], "discard"))
            done, _ = await asyncio.wait({discarding}, timeout=0.5)
            assert not done
        answer = await discarding
        assert (answer.json()["state"], answer.json()["waiting"]) == ("discarded", 1)

    async def test_discarded_with_a_reason_the_row_stays(self, failed: Operated) -> None:
        [dead, parked] = await failed.letters()
        assert (await failed.decide(dead["id"], "discard", reason="")).status_code == 422
        answer = await failed.decide(dead["id"], "discard", reason="entered by mistake")
        assert (answer.json()["state"], answer.json()["decision_reason"]) == ("discarded", "entered by mistake")
        assert (await failed.decide(parked["id"], "replay")).status_code == 200
        assert await failed.effects() == [1, 3]
        assert (await failed.decide(dead["id"], "discard", reason="again")).status_code == 409

    async def test_only_operators_and_coordinators_decide(self, failed: Operated) -> None:
        [dead, _] = await failed.letters()
        for role in (Role.MUNICIPALITY, Role.FUNDER, Role.EVALUATOR):
            assert (await failed.ask("/v1/dead-letters", role)).status_code == 403
            assert (await failed.decide(dead["id"], "discard", role=role)).status_code == 403

    async def test_what_is_no_text_is_shown_all_the_same(self, at_work: Operated) -> None:
        headers = [*headers_of(uuid4()), ("x-note", b"\xff\xfe")]
        await put(at_work.stack.bootstrap_servers, at_work.prefix + BOOKING.name, [(b"\xff", b"\x00\xff", headers)])
        await eventually(at_work.letters, until=lambda letters: len(letters) == 1)
        [letter] = await at_work.letters()
        assert letter["reason"] == "header-not-utf8"
        assert letter["value_base64"] == "AP8="

    async def test_unknown_and_malformed_ids(self, at_work: Operated) -> None:
        assert (await at_work.ask(f"/v1/dead-letters/{uuid4()}")).status_code == 404
        assert (await at_work.ask("/v1/dead-letters/17")).status_code == 422

    async def test_a_cursor_that_this_list_did_not_give_is_refused(self, at_work: Operated) -> None:
        path = "/v1/dead-letters"
        keys: list[list[Any]] = [[], ["now", BOOKING.name, 0, 0, str(uuid4())], [1, 2, 3, 4, 5]]
        forged = [cursors.encode(key, path) for key in keys]
        for cursor in (*forged, cursors.encode([], "/v1/sessions"), "x"):
            answer = await at_work.ask(f"{path}?cursor={cursor}")
            assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "invalid-cursor")

    async def test_a_state_that_is_none_is_refused(self, at_work: Operated) -> None:
        answer = await at_work.ask("/v1/dead-letters?state=open")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/state/0")


class TestManyDeadLetters:
    """Of two consumers, more than a page of them within one batch."""

    @pytest.fixture
    async def many(self, at_work: Operated) -> Operated:
        async with at_work.service.units.system() as unit:
            for offset in range(1, 121):
                await dead_letters.bury(unit, "rolls", record(SESSION, offset), "broken-json", "is not JSON")
            await dead_letters.bury(unit, "seats", record(OTHER, 1), "parked", "waits", state="parked")
            await dead_letters.bury(unit, "seats", record(OTHER, 2), "wrong-schema", "is not a session")
            [letter] = await unit.all("SELECT id FROM dead_letters WHERE reason = 'wrong-schema'")
            await dead_letters.decide(unit, letter["id"], "discarded", "entered twice")
        return at_work

    async def test_the_cursor_leads_through_all_as_they_stand_on_their_topic(self, many: Operated) -> None:
        first = (await many.ask("/v1/dead-letters?consumer=rolls")).json()
        assert len(first["items"]) == 100
        second = (await many.ask(f"/v1/dead-letters?consumer=rolls&cursor={first['next']}")).json()
        assert [letter["offset"] for letter in (*first["items"], *second["items"])] == list(range(1, 121))
        assert second["next"] is None

    async def test_filters(self, many: Operated) -> None:
        expected = {
            "": 122,
            "state=dead": 120,
            "state=dead&state=parked": 121,
            "consumer=seats": 2,
            "consumer=seats&state=discarded": 1,
            f"key={SESSION}": 120,
            f"key={OTHER}&state=parked": 1,
            "key=nobody's": 0,
            "consumer=none": 0,
        }
        answers = {filters: await many.ask(f"/v1/dead-letters?limit=500&{filters}") for filters in expected}
        assert {filters: len(answer.json()["items"]) for filters, answer in answers.items()} == expected

    async def test_counts(self, many: Operated) -> None:
        everything = (await many.ask("/v1/dead-letters/counts")).json()
        assert everything == {"dead": 120, "parked": 1, "replayed": 0, "discarded": 1}
        of_seats = (await many.ask(f"/v1/dead-letters/counts?consumer=seats&key={OTHER}", Role.COORDINATOR)).json()
        assert of_seats == {"dead": 0, "parked": 1, "replayed": 0, "discarded": 1}
        assert (await many.ask("/v1/dead-letters/counts", Role.FUNDER)).status_code == 403


class TestCommands:
    """`kursnav dead-letters` against this service, by people of several roles."""

    @pytest.fixture
    async def commands(self, at_work: Operated) -> AsyncIterator[Commands]:
        listener = ports.listen(0)
        server = uvicorn.Server(
            uvicorn.Config(Starlette(routes=[Mount(f"/{SERVICE}", app=at_work.service.app)]), log_config=None)
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield Commands(f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            await serving

    async def test_operators_and_coordinators_list_show_replay_and_discard(
        self, at_work: Operated, commands: Commands
    ) -> None:
        at_work.broken = {2, 12}
        await at_work.write(uuid4(), 1, 2, 3)
        await at_work.write(uuid4(), 12)
        await at_work.caught_up()
        letters = {dict(letter["headers"])["ce_sequence"]: letter["id"] for letter in await at_work.letters()}

        listed = await commands.run("list")
        assert "3 dead letters" in listed.stdout
        assert all(letter in listed.stdout for letter in letters.values())
        shown = json.loads((await commands.run("show", letters["2"])).stdout)
        assert (shown["state"], shown["reason"]) == ("dead", "ValueError")

        refused = await commands.run("discard", letters["2"], "--reason", "mine", role=Role.MUNICIPALITY)
        assert (refused.returncode, "403" in refused.stderr) == (1, True)
        too_early = await commands.run("replay", letters["2"])
        assert (too_early.returncode, "409" in too_early.stderr) == (1, True)
        at_work.broken.clear()
        replayed = await commands.run("replay", letters["2"], role=Role.COORDINATOR)
        assert json.loads(replayed.stdout)["state"] == "replayed"
        discarded = await commands.run("discard", letters["12"], "--reason", "entered twice")
        assert json.loads(discarded.stdout)["decision_reason"] == "entered twice"

        assert await at_work.effects() == [1, 2, 3]
        listed = await commands.run("list")
        assert (listed.stdout.count("  replayed  "), listed.stdout.count("  discarded  ")) == (2, 1)


async def test_metrics_tell_outbox_lag_and_dead_letters(at_work: Operated) -> None:
    at_work.broken = {1}
    await at_work.write(uuid4(), 1)
    await at_work.caught_up()

    async def text() -> str:
        return (await at_work.client.get("/metrics")).text

    dead = f'kursnav_dead_letters{{service="{SERVICE}",state="dead"}} 1.0'
    shown = await eventually(text, until=lambda text: dead in text, what="the dead letter in the metrics")
    for name in ("kursnav_outbox_age_seconds", "kursnav_consumer_lag", "kursnav_http_request_seconds_count"):
        assert f"{name}{{" in shown
    assert str(uuid4())[:8] not in shown
