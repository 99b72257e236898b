"""Webhooks over real TLS: whom the certificate proves gets them, at the address that was checked."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.booking.webhooks.rules import PAUSES
from shared.web import outgoing
from tests.integration.booking.hooks import (
    attempted,
    happening,
    receiver,
    receivers_clock,
    shared_world,
    subscribed,
    world,
)
from tests.support.authority import Authority
from tests.support.booking_world import World

__all__ = ["receivers_clock", "shared_world", "world"]
pytestmark = pytest.mark.asyncio(loop_scope="module")


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
