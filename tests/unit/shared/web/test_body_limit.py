"""A body that is too large gets a problem, announced or not, in pieces or all there."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Request
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.types import Receive, Scope, Send

from shared.web import errors
from shared.web.body_limit import HERE, BodyLimit
from tests.support.pace import lasts

LIMIT, PATIENCE = 1000, 0.2


def counting() -> FastAPI:
    """Says how many bytes it was sent."""
    app = FastAPI()
    app.add_middleware(BodyLimit, max_bytes=LIMIT, patience=PATIENCE)
    errors.install(app)

    @app.post("/bytes")
    async def count(request: Request) -> int:
        return len(await request.body())

    return app


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    app = counting()

    @app.post("/json")
    async def numbers(body: list[int]) -> int:
        return sum(body)

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as made:
        yield made


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size):
        yield b" "


async def slowly(*pieces: bytes, every: float) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await lasts(every)


def is_refused(answer: Response) -> bool:
    return (
        answer.status_code == 413
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json()["type"] == "https://kursnav.se/problems/body-too-large"
        and answer.json()["detail"] == "The body is larger than 0.001 MB. Split it."
    )


async def test_a_body_up_to_the_limit_is_taken(client: AsyncClient) -> None:
    assert (await client.post("/bytes", content=b" " * LIMIT)).json() == LIMIT
    assert (await client.post("/bytes", content=in_pieces(LIMIT))).json() == LIMIT


@pytest.mark.parametrize("path", ["/bytes", "/json"])
async def test_one_byte_more_is_refused_as_a_problem(client: AsyncClient, path: str) -> None:
    english = {"accept-language": "en", "content-type": "application/json"}
    assert is_refused(await client.post(path, content=b" " * (LIMIT + 1), headers=english))
    assert is_refused(await client.post(path, content=in_pieces(LIMIT + 1), headers=english))


@pytest.mark.parametrize("path", ["/bytes", "/json"])
@pytest.mark.parametrize("pieces", [(b"[", b"]"), (b"[", *[b" "] * 90)], ids=["silence", "a byte at a time"])
async def test_a_body_that_comes_too_slowly_is_408(client: AsyncClient, path: str, pieces: tuple[bytes, ...]) -> None:
    every = 5 * PATIENCE if len(pieces) == 2 else PATIENCE / 20
    headers = {"accept-language": "en", "content-type": "application/json"}
    answer = await client.post(path, content=slowly(*pieces, every=every), headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (408, "The request came too slowly. Try again.")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_that_is_here_is_measured_all_the_same(announced: bool) -> None:
    app = counting()

    async def here(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, HERE: True}, receive, send)

    async with AsyncClient(transport=ASGITransport(here), base_url="http://test") as client:
        for size, expected in ((LIMIT, 200), (LIMIT + 1, 413)):
            content = b" " * size if announced else in_pieces(size)
            assert (await client.post("/bytes", content=content)).status_code == expected


async def test_a_slow_body_within_its_patience_is_taken(client: AsyncClient) -> None:
    answer = await client.post("/bytes", content=slowly(b"a", b"b", every=PATIENCE / 10))
    assert answer.json() == 2
