"""While Kafka is away bookings go on; what asks about the broker says so and when to ask again."""

import asyncio

import httpx2
import pytest

from shared.messaging import consuming
from shared.security.roles import Role
from tests.support.services import api
from tests.support.stack import Stack


async def test_the_position_is_busy_and_a_booking_is_taken(stack: Stack) -> None:
    async with api(stack, "booking") as origin:
        origin.services["booking"].consuming.bootstrap_servers = "127.0.0.1:9"  # nothing listens there
        coordinator = origin.client(Role.COORDINATOR)
        position = await coordinator.get("/booking/v1/position")
        assert (position.status_code, position.headers["Retry-After"]) == (503, "2")
        assert position.json()["detail"].startswith("Meddelandetjänsten")
        await assert_that_a_course_is_taken(coordinator, "TR1")


async def test_whoever_asks_a_silent_broker_holds_up_no_booking(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "ANSWER_SECONDS", 5.0)

    asked_it = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        asked_it.set()
        await reader.read()

    silent = await asyncio.start_server(listen, "127.0.0.1")
    async with silent, api(stack, "booking") as origin:
        port = silent.sockets[0].getsockname()[1]
        origin.services["booking"].consuming.bootstrap_servers = f"127.0.0.1:{port}"
        coordinator = origin.client(Role.COORDINATOR)
        more_than_connections = [asyncio.create_task(coordinator.get("/booking/v1/position")) for _ in range(30)]
        await asyncio.wait_for(asked_it.wait(), 10)
        await assert_that_a_course_is_taken(coordinator, "TR2")
        assert not any(asked.done() for asked in more_than_connections), "taken while all of them waited"
        assert {answer.status_code for answer in await asyncio.gather(*more_than_connections)} == {503}


async def assert_that_a_course_is_taken(coordinator: httpx2.AsyncClient, code: str) -> None:
    course = {"code": code, "title": code, "description": "", "duration_minutes": 60}
    made = await coordinator.post("/booking/v1/courses", json={**course, "categories": ["base"], "languages": ["sv"]})
    assert made.status_code == 201, made.text
