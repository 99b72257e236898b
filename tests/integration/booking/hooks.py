"""A receiver of webhooks, and a booking with its consumers that sends to it."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from standardwebhooks import Webhook as Signature

from tests.support.answers import answered, if_match
from tests.support.booking_world import DAY, NORA, NOW, OREBRO, World
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.services import running
from tests.support.stack import Stack

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

    def hang_up(self) -> None:
        """Ends the calls that it has not answered."""
        for writer in self._silent:
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
        made.hang_up()
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


@pytest.fixture(autouse=True)
def receivers_clock(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """The library refuses signatures that are five minutes old by the machine's clock."""
    monkeypatch.setattr("standardwebhooks.Webhook._Webhook__verify_timestamp", _any_time)


def _any_time(_: object, timestamp: str) -> Any:
    return datetime.fromtimestamp(float(timestamp), tz=UTC)
