"""A route takes the parameters that it names, and a period in order."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, FastAPI, Query
from httpx2 import ASGITransport, AsyncClient

from shared.web import errors
from shared.web.cursors import Paging
from shared.web.fields import Day
from shared.web.routing import OpenRoute


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    router = APIRouter(route_class=OpenRoute)

    @router.get("/listed")
    async def listed(
        page: Paging,
        status: str | None = None,
        from_: Annotated[Day | None, Query(alias="from")] = None,
        to: Day | None = None,
    ) -> int:
        return page.limit

    @router.get("/bare")
    async def bare() -> int:
        return 1

    app = FastAPI()
    app.router.routes[:0] = router.routes
    errors.install(app)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as made:
        yield made


async def faults(client: AsyncClient, path: str) -> list[dict[str, Any]]:
    answer = await client.get(path, headers={"accept-language": "en"})
    assert answer.status_code == 422, answer.text
    found: list[dict[str, Any]] = answer.json()["errors"]
    return found


async def test_known_parameters_are_taken(client: AsyncClient) -> None:
    answer = await client.get("/listed?limit=7&status=a&from=2025-03-01&to=2025-03-01")
    assert (answer.status_code, answer.json()) == (200, 7)


@pytest.mark.parametrize("name", ["Status", "state", "froM", "a~b"])
async def test_an_unknown_parameter_is_named(client: AsyncClient, name: str) -> None:
    [fault] = await faults(client, f"/listed?{name}=confirmed")
    assert (fault["pointer"], fault["code"]) == (f"/query/{name.replace('~', '~0')}", "extra_forbidden")
    assert fault["message"] == "There is no such parameter. You can give: cursor, from, limit, status, to."


async def test_a_call_without_parameters_says_so(client: AsyncClient) -> None:
    [fault] = await faults(client, "/bare?x=1")
    assert fault["message"].endswith("none.")


async def test_a_period_that_ends_before_it_begins_is_refused(client: AsyncClient) -> None:
    both = await faults(client, "/listed?from=2025-03-02&to=2025-03-01")
    assert [(fault["pointer"], fault["code"]) for fault in both] == [
        ("/query/from", "after-to"),
        ("/query/to", "before-from"),
    ]


@pytest.mark.parametrize("day", ["1735689600", "20250301", "2025-02-30", "yesterday", "2025-03-01T09:00:00"])
async def test_a_day_is_written_as_one(client: AsyncClient, day: str) -> None:
    [fault] = await faults(client, f"/listed?from={day}")
    assert fault["pointer"] == "/query/from"
