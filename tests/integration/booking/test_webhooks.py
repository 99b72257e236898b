"""Webhooks: signed thin bodies to a receiver that fails, redirects, hangs, moves to a private address or is gone."""

import asyncio
import socket
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from standardwebhooks import WebhookVerificationError

from services.booking.webhooks import collect
from services.booking.webhooks.rules import PAUSES
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event
from shared.web import outgoing
from tests.integration.booking.hooks import (
    HOOKS,
    attempted,
    deliveries,
    happening,
    receiver,
    receivers_clock,
    shared_world,
    subscribed,
    world,
)
from tests.support.answers import answered, if_match, problem
from tests.support.booking_world import DAY, HOUR, NORA, NOW, OREBRO, World
from tests.support.eventually import eventually

__all__ = ["receivers_clock", "shared_world", "world"]
pytestmark = pytest.mark.asyncio(loop_scope="module")


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


async def test_a_receiver_that_hangs_holds_up_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 600.0)
    async with receiver(0) as slow, receiver() as quick:
        client, hook = await subscribed(world, slow.url)
        await subscribed(world, quick.url, municipality=NORA)
        await happening(world)
        await eventually(lambda: bool(slow.taken))
        await happening(world, NORA)
        await eventually(lambda: bool(quick.taken))
        [delivery] = await deliveries(client, hook)
        assert delivery["attempts"] == [], "it hangs yet"
        slow.hang_up()
        await attempted(world, client, hook, 1)


async def test_a_receiver_that_hangs_is_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 1.0)
    async with receiver(0) as slow:
        client, hook = await subscribed(world, slow.url)
        await happening(world)
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


async def test_events_that_no_webhook_wants_are_not_read(world: World) -> None:
    """Decoded, looked for in the inbox and written into it they were half of what a booking costs afterwards."""
    wanted = "se.kursnav.booking.share-released.v1"

    async def found() -> bool:
        async with world.origin.services["booking"].units.system() as unit:
            return wanted in await collect.wanted(unit)

    assert not await found()
    client, hook = await subscribed(world, "https://93.184.215.14/hook", "share-released")
    assert await found()
    one = await client.get(f"{HOOKS}/{hook['id']}")
    assert (await client.delete(f"{HOOKS}/{hook['id']}", headers=if_match(one))).status_code == 204
    assert not await found()


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
