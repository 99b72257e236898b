"""Webhooks: signed thin bodies to a receiver that fails, redirects, hangs, moves to a private address or is gone."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from standardwebhooks import Webhook as Signature
from standardwebhooks import WebhookVerificationError

from services.booking.webhooks import collect
from services.booking.webhooks.rules import PAUSES
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event
from shared.web import outgoing
from tests.support.answers import answered, if_match, problem
from tests.support.authority import Authority
from tests.support.booking_world import DAY, HOUR, NORA, NOW, OREBRO, World
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.services import running
from tests.support.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")
HOOKS = "/booking/v1/webhooks"
Json = dict[str, Any]


@dataclass
class Receiver:
    """An HTTP server that answers with these statuses, then with 204. Status 0: it says nothing."""

    statuses: list[int] = field(default_factory=list)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    _silent: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head if line)}
        self.taken.append((headers, await reader.readexactly(int(headers["content-length"]))))
        status = self.statuses.pop(0) if self.statuses else 204
        if status == 0:
            self._silent.append(writer)
            return
        writer.write(f"HTTP/1.1 {status} X\r\nLocation: {self.url}/elsewhere\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async def until(self, count: int) -> None:
        await eventually(lambda: len(self.taken), until=lambda taken: taken == count)

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.taken]

    def bodies(self) -> list[Json]:
        return [json.loads(body) for _, body in self.taken]

    def checked(self, secret: str, at: int = -1) -> Json:
        """One delivery as a receiver reads it that knows this secret."""
        headers, body = self.taken[at]
        found: Json = Signature(secret).verify(body, headers)
        return found


@asynccontextmanager
async def receiver(*statuses: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """With `tls` it calls itself hr.example."""
    made = Receiver(list(statuses))
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    made.url = f"https://hr.example:{port}/kursnav" if tls else f"http://127.0.0.1:{port}"
    try:
        yield made
    finally:
        for writer in made._silent:
            writer.close()
        server.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_world(stack: Stack) -> AsyncIterator[World]:
    clock = FixedClock(NOW)
    async with running(stack, ["booking"], clock=clock) as origin:
        yield await World.made(origin, clock)


@pytest_asyncio.fixture(loop_scope="module")
async def world(shared_world: World) -> AsyncIterator[World]:
    shared_world.clock.at = NOW
    yield shared_world
    for municipality in (OREBRO, NORA):
        client = shared_world.municipality(municipality)
        for hook in answered(await client.get(HOOKS))["items"]:
            one = await client.get(f"{HOOKS}/{hook['id']}")
            assert (await client.delete(f"{HOOKS}/{hook['id']}", headers=if_match(one))).status_code == 204


async def subscribed(
    world: World, url: str, *events: str, municipality: str = OREBRO
) -> tuple[httpx2.AsyncClient, Json]:
    """A client of a municipality, and its new webhook with the secret."""
    client = world.municipality(municipality)
    body = {"url": url, "events": list(events or ("registration-confirmed",))}
    return client, answered(await client.post(HOOKS, json=body))


async def happening(world: World, municipality: str = OREBRO) -> tuple[str, str]:
    """Something that a webhook tells: a registration. Returns session and staff."""
    session, staff = await world.session(starts=NOW + 30 * DAY), await world.staff(municipality)
    await world.outcomes(session, staff)
    return session, staff


async def deliveries(client: httpx2.AsyncClient, hook: Json) -> list[Json]:
    found: list[Json] = answered(await client.get(f"{HOOKS}/{hook['id']}/deliveries"))["items"]
    return found


async def attempted(world: World, client: httpx2.AsyncClient, hook: Json, count: int) -> Json:
    """The only delivery, once it was attempted so often."""

    async def look() -> Json:
        found = await deliveries(client, hook)
        return found[0] if found and len(found[0]["attempts"]) >= count else {}

    delivery: Json = await eventually(look, what=f"{count} attempts")
    assert len(delivery["attempts"]) == count
    return delivery


async def test_its_secret_stands_nowhere_in_plain_text(world: World) -> None:
    """Also not in the answer that is kept for a second try of the same call."""
    client, key = world.municipality(OREBRO), {"Idempotency-Key": str(uuid4())}
    body = {"url": "https://93.184.215.14/hook", "events": ["registration-confirmed"]}
    made = answered(await client.post(HOOKS, json=body, headers=key))
    again = answered(await client.post(HOOKS, json=body, headers=key))
    rotated = answered(await client.post(f"{HOOKS}/{made['id']}/secret", headers=key))
    kept = [str(row) for row in await world.origin.rows("booking", "SELECT * FROM idempotency_keys")]
    assert again == made
    assert kept
    assert [secret for secret in (made["secret"], rotated["secret"]) if secret in "".join(kept)] == []


async def test_a_receiver_gets_a_signed_thin_body(world: World) -> None:
    async with receiver() as there:
        client, hook = await subscribed(world, there.url)
        session, staff = await happening(world)
        delivery = await attempted(world, client, hook, 1)
    registration = await world.registration(session, staff)
    assert there.checked(hook["secret"]) == {
        "type": "registration-confirmed",
        "timestamp": NOW.isoformat().replace("+00:00", "Z"),
        "data": {
            "session_id": session,
            "registration_id": registration["id"],
            "participant_id": registration["participant_id"],
            "employment_id": registration["employment_id"],
        },
    }
    assert there.ids() == [delivery["id"]]
    assert delivery["state"] == "delivered"
    with pytest.raises(WebhookVerificationError):
        there.checked("whsec_c29tZWJvZHkgZWxzZSdz")


@pytest.fixture(autouse=True)
def _receivers_clock(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """The library refuses signatures that are five minutes old by the machine's clock."""
    monkeypatch.setattr("standardwebhooks.Webhook._Webhook__verify_timestamp", _any_time)


def _any_time(_: object, timestamp: str) -> Any:
    return datetime.fromtimestamp(float(timestamp), tz=UTC)


async def test_only_what_happens_to_its_own_rows_and_what_it_asked_for(world: World) -> None:
    async with receiver() as there:
        await subscribed(world, there.url, "registration-confirmed", "session-cancelled")
        foreign, _ = await happening(world, NORA)
        own, _ = await happening(world)
        away = await world.session(starts=NOW + 60 * DAY, host_municipality=NORA)
        for session in (away, own):
            await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "other"})
        await world.origin.settled()
        await eventually(lambda: len(there.taken), until=lambda count: count >= 2)
        await world.origin.settled()
    told = [(body["type"], body["data"]["session_id"]) for body in there.bodies()]
    assert sorted(told) == [("registration-confirmed", own), ("session-cancelled", own)]
    assert foreign not in str(told)


async def test_of_why_somebody_cancelled_nothing_is_told(world: World) -> None:
    async with receiver() as there:
        client, hook = await subscribed(world, there.url, "registration-cancelled")
        session, staff = await happening(world)
        await world.cancel(session, staff, "illness")
        await attempted(world, client, hook, 1)
    [body] = there.bodies()
    ids = {"session_id", "registration_id", "participant_id", "employment_id"}
    assert (set(body), set(body["data"])) == ({"type", "timestamp", "data"}, ids)


async def test_failures_and_redirects_are_tried_again_after_5_s_30_s_and_5_min(world: World) -> None:
    async with receiver(500, 302, 404) as there:
        client, hook = await subscribed(world, there.url)
        await happening(world)
        for number, pause in enumerate(PAUSES[:3], start=1):
            delivery = await attempted(world, client, hook, number)
            assert delivery["state"] == "pending"
            world.clock.advance(pause - timedelta(seconds=1))
            await world.origin.services["booking"].jobs.run_due(world.origin.services["booking"].units)
            assert len(there.taken) == number, "not yet"
            world.clock.advance(timedelta(seconds=1))
        delivery = await attempted(world, client, hook, 4)
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 302, 404, 204]
    assert delivery["state"] == "delivered"
    assert len(set(there.ids())) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in there.taken}) == 4


async def test_after_three_days_it_has_failed_and_a_replay_begins_anew(world: World) -> None:
    async with receiver(*[503] * (len(PAUSES) + 1)) as there:
        client, hook = await subscribed(world, there.url)
        await happening(world)
        for number, pause in enumerate(PAUSES, start=1):
            await attempted(world, client, hook, number)
            world.clock.advance(pause)
        failed = await attempted(world, client, hook, len(PAUSES) + 1)
        assert (failed["state"], failed["next_attempt_at"]) == ("failed", None)
        replayed = await client.post(f"{HOOKS}/{hook['id']}/replay", json={"delivery": failed["id"]})
        assert (replayed.status_code, replayed.json()) == (202, {"deliveries": 1})
        assert (await attempted(world, client, hook, len(PAUSES) + 2))["state"] == "delivered"
    assert set(there.ids()) == {failed["id"]}


async def test_a_replay_since_a_time_sends_under_the_same_ids(world: World) -> None:
    async with receiver() as there:
        client, hook = await subscribed(world, there.url)
        await happening(world)
        await attempted(world, client, hook, 1)
        world.clock.advance(HOUR)
        await happening(world)
        await there.until(2)
        first, second = there.ids()
        path = f"{HOOKS}/{hook['id']}/replay"
        for since, expected in ((NOW, {first, second}), (NOW + HOUR, {second}), (NOW + DAY, set())):
            await eventually(
                lambda: deliveries(client, hook), until=lambda all_: {d["state"] for d in all_} == {"delivered"}
            )
            before = len(there.taken)
            answer = answered(await client.post(path, json={"since": since.isoformat()}))
            assert answer == {"deliveries": len(expected)}
            count = before + len(expected)
            await there.until(count)
            assert set(there.ids()[before:]) == expected
        assert problem(await client.post(path, json={})) == (422, "validation")
        assert problem(await client.post(path, json={"delivery": hook["id"]})) == (404, "not-found")


async def test_410_ends_a_webhook(world: World) -> None:
    async with receiver(410) as there:
        client, hook = await subscribed(world, there.url)
        await happening(world)
        delivery = await attempted(world, client, hook, 1)
        assert delivery["state"] == "failed"
        seen = answered(await client.get(f"{HOOKS}/{hook['id']}"))
        assert (seen["state"], seen["disabled_at"] is not None) == ("disabled", True)
        await happening(world)
        await world.origin.settled()
        assert len(await deliveries(client, hook)) == 1
        replay = await client.post(f"{HOOKS}/{hook['id']}/replay", json={"delivery": delivery["id"]})
        assert problem(replay) == (409, "webhook-disabled")


async def test_a_receiver_that_hangs_is_left_and_holds_up_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 1.0)
    async with receiver(0) as slow, receiver() as quick:
        client, hook = await subscribed(world, slow.url)
        await subscribed(world, quick.url, municipality=NORA)
        await happening(world)
        await eventually(lambda: bool(slow.taken))
        await happening(world, NORA)
        await eventually(lambda: bool(quick.taken), within=5)
        delivery = await attempted(world, client, hook, 1)
    [attempt] = delivery["attempts"]
    assert (attempt["status"], attempt["error"]) == (None, "no answer within 1 s")


async def test_a_name_that_leads_to_a_private_address_later_is_not_called(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = ["93.184.216.34"]
    resolve = asyncio.get_running_loop().getaddrinfo

    async def ask(host: str, port: int, **options: Any) -> Any:
        if host != "hr.example":
            return await resolve(host, port, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (addresses[0], port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", ask)
    client, hook = await subscribed(world, "https://hr.example/kursnav")
    addresses[0] = "127.0.0.1"
    await happening(world)
    delivery = await attempted(world, client, hook, 1)
    assert delivery["attempts"][0]["error"] == "private-address"
    refused = await client.post(HOOKS, json={"url": "https://hr.example/", "events": ["registration-confirmed"]})
    assert problem(refused) == (422, "private-address")


@pytest_asyncio.fixture(loop_scope="module")
async def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Authority:
    """Everybody's authority, for receivers named hr.example on this machine, which count as public."""
    made = Authority.made(tmp_path)
    resolve = asyncio.get_running_loop().getaddrinfo

    async def ask(host: str, port: int, **options: Any) -> Any:
        return await resolve("127.0.0.1" if host == "hr.example" else host, port, **options)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", ask)
    monkeypatch.setattr(outgoing, "is_public", lambda _: True)
    monkeypatch.setattr(outgoing, "_trusted", lambda: made.trusted)
    return made


async def test_over_tls_the_receiver_is_asked_for_by_its_name_at_the_address_that_was_checked(
    world: World, authority: Authority
) -> None:
    asked: list[str | None] = []
    tls = authority.server("hr.example")
    tls.sni_callback = lambda _, name, __: asked.append(name)
    async with receiver(302, tls=tls) as there:
        client, hook = await subscribed(world, there.url)
        await happening(world)
        await attempted(world, client, hook, 1)
        world.clock.advance(PAUSES[0])
        delivery = await attempted(world, client, hook, 2)
    assert [attempt["status"] for attempt in delivery["attempts"]] == [302, 204]
    assert there.checked(hook["secret"])["type"] == "registration-confirmed"
    assert {headers["host"] for headers, _ in there.taken} == {there.url.split("/")[2]}
    assert set(asked) == {"hr.example"}


@pytest.mark.parametrize(
    ("name", "authority_of_receiver"), [("other.example", "known"), ("hr.example", "unknown")], ids=["name", "issuer"]
)
async def test_nothing_is_sent_to_whom_the_certificate_does_not_prove(
    world: World, authority: Authority, tmp_path: Path, name: str, authority_of_receiver: str
) -> None:
    issuer = authority if authority_of_receiver == "known" else Authority.made(tmp_path)
    async with receiver(tls=issuer.server(name)) as there:
        client, hook = await subscribed(world, there.url)
        await happening(world)
        delivery = await attempted(world, client, hook, 1)
    assert delivery["attempts"][0] | {"at": ""} == {"at": "", "status": None, "error": "ConnectError"}
    assert delivery["state"] == "pending"
    assert there.taken == []


async def test_a_webhook_is_not_deleted_between_reading_it_and_writing_its_delivery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The delivery could not be stored then, and the event would be a dead letter."""
    deleted_meanwhile: list[bool] = []
    deleting: list[asyncio.Task[httpx2.Response]] = []
    add = collect._add

    async def slowly(unit: Unit, event: Event, webhooks: Sequence[Any]) -> None:
        if webhooks and not deleting:
            deleting.append(asyncio.create_task(client.delete(f"{HOOKS}/{hook['id']}", headers={"If-Match": "*"})))
            done, _ = await asyncio.wait(deleting, timeout=2)
            deleted_meanwhile.append(bool(done))
        await add(unit, event, webhooks)

    async with receiver() as there:
        client, hook = await subscribed(world, there.url)
        monkeypatch.setattr(collect, "_add", slowly)
        await happening(world)
        await eventually(lambda: deleted_meanwhile, until=lambda found: found == [False])
        assert (await deleting[0]).status_code == 204
        await world.origin.settled()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://127.0.0.1/", "private-address"),
        ("https://169.254.169.254/latest/meta-data", "private-address"),
        ("http://127.0.0.2/", "validation"),
        ("http://example.com/", "validation"),
        ("https://user@example.com/", "validation"),
        ("https://nowhere.invalid/", "validation"),
        ("gopher://example.com/", "validation"),
    ],
)
async def test_an_address_that_cannot_be_is_refused_at_once(world: World, url: str, name: str) -> None:
    refused = await world.municipality(OREBRO).post(HOOKS, json={"url": url, "events": ["registration-confirmed"]})
    assert problem(refused) == (422, name)
    assert refused.json()["errors"][0]["pointer"] == "/url"


async def test_a_new_secret_and_the_one_before_both_hold_for_a_day(world: World) -> None:
    async with receiver() as there:
        client, hook = await subscribed(world, there.url)
        rotated = answered(await client.post(f"{HOOKS}/{hook['id']}/secret"))
        assert rotated["secret"] != hook["secret"]
        await happening(world)
        await attempted(world, client, hook, 1)
        assert there.checked(hook["secret"]) == there.checked(rotated["secret"])
        world.clock.advance(DAY)
        await happening(world)
        await there.until(2)
        assert there.checked(rotated["secret"])
        with pytest.raises(WebhookVerificationError):
            there.checked(hook["secret"])


async def test_secrets_are_shown_once_and_stored_encrypted(world: World) -> None:
    async with receiver() as there:
        client, hook = await subscribed(world, there.url)
    seen = await client.get(f"{HOOKS}/{hook['id']}")
    assert "secret" not in answered(seen)
    assert "secret" not in str(answered(await client.get(HOOKS)))
    [row] = await world.origin.rows("booking", "SELECT sealed FROM webhooks WHERE id = $1", hook["id"])
    assert hook["secret"].removeprefix("whsec_").encode() not in row["sealed"]


async def test_webhooks_are_their_owners_alone(world: World) -> None:
    async with receiver() as there:
        client, hook = await subscribed(world, there.url)
    other = world.municipality(NORA)
    path = f"{HOOKS}/{hook['id']}"
    assert answered(await other.get(HOOKS))["items"] == []
    for answer in (
        await other.get(path),
        await other.get(f"{path}/deliveries"),
        await other.post(f"{path}/secret"),
        await other.post(f"{path}/replay", json={"since": NOW.isoformat()}),
        await other.delete(path, headers={"If-Match": "*"}),
    ):
        assert problem(answer) == (404, "not-found")
    assert problem(await world.coordinator.get(HOOKS)) == (403, "forbidden")
    assert problem(await client.delete(path)) == (428, "if-match-required")
    assert [each["id"] for each in answered(await client.get(HOOKS))["items"]] == [hook["id"]]
