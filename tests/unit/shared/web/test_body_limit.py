"""A body that is too large gets a problem, announced or not."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Request
from httpx2 import ASGITransport, AsyncClient, Response

from shared.web import errors
from shared.web.body_limit import BodyLimit

LIMIT = 100


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    app.add_middleware(BodyLimit, max_bytes=LIMIT)
    errors.install(app)

    @app.post("/bytes")
    async def count(request: Request) -> int:
        return len(await request.body())

    @app.post("/json")
    async def numbers(body: list[int]) -> int:
        return sum(body)

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as made:
        yield made


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size):
        yield b" "


def is_refused(answer: Response) -> bool:
    return (
        answer.status_code == 413
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json()["type"] == "https://kursnav.se/problems/body-too-large"
        and answer.json()["detail"] == "The body is too large. Split it."
    )


async def test_a_body_up_to_the_limit_is_taken(client: AsyncClient) -> None:
    assert (await client.post("/bytes", content=b" " * LIMIT)).json() == LIMIT
    assert (await client.post("/bytes", content=in_pieces(LIMIT))).json() == LIMIT


@pytest.mark.parametrize("path", ["/bytes", "/json"])
async def test_one_byte_more_is_refused_as_a_problem(client: AsyncClient, path: str) -> None:
    english = {"accept-language": "en", "content-type": "application/json"}
    assert is_refused(await client.post(path, content=b" " * (LIMIT + 1), headers=english))
    assert is_refused(await client.post(path, content=in_pieces(LIMIT + 1), headers=english))
