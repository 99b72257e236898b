"""What stands around the answers: nothing to sniff, to keep, to load from elsewhere or to be sent elsewhere by."""

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from infra.serve import Origin
from tests.support.notes import Notes

ELSEWHERE = re.compile(r"""(?:src|href|url)\s*[=:(]\s*['"]?(?:https?:)?//""")


@pytest.fixture
async def client(notes: Notes) -> AsyncIterator[httpx2.AsyncClient]:
    """As `kursnav serve` has it: under the origin."""
    notes.service.name = "notes"
    origin = Origin([notes.service], routes=[Route("/", lambda _: PlainTextResponse("start"))])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(origin), base_url="http://a.test") as made:
        made.headers.update(notes.as_municipality())
        yield made


@pytest.mark.parametrize(
    "path",
    ["/", "/nowhere", "/notes/v1/notes", "/notes/v1/notes?x=1", "/notes/nowhere", "/notes/docs", "/notes/health/live"],
)
async def test_every_answer_is_what_its_type_says_and_is_not_kept(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize("path", ["/nowhere", "/notes/nowhere", "/notes/docs/x.js"])
async def test_where_there_is_nothing_is_a_problem(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["instance"] == path


@pytest.mark.parametrize("path", ["/notes/v1/notes/", "/notes", "/notes/docs/"])
async def test_nobody_is_sent_to_the_host_that_was_asked_for(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers={"Host": "evil.example"})
    assert (answer.status_code, "location" in answer.headers) == (404, False)


async def test_a_wrong_method_is_told_all_right_ones(client: httpx2.AsyncClient) -> None:
    answer = await client.delete("/notes/v1/notes")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_the_page_of_the_calls_loads_from_its_own_address_only(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/notes/docs")).text
    assert not ELSEWHERE.search(page), page
    assert '"validatorUrl": null' in page
    for name in re.findall(r'(?:src|href)="([^"]+)"', page):
        answer = await client.get(f"/notes/{name}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=86400"), name
    assert "openapi.json" in page
