"""The demo against a stack behind a certificate of one's own: told how to trust it, and then trusting it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from infra.commands.demo import _advice
from infra.demo.api import Api, Unreachable, connect
from tests.support.authority import Authority

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path)


@pytest_asyncio.fixture
async def address(authority: Authority) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=authority.server("localhost"))
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"


async def test_an_unknown_authority_is_refused_with_what_to_do(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    async with connect(address) as client:
        with pytest.raises(Unreachable) as refused:
            await Api(client).get("/")
    assert "SSL_CERT_FILE" in _advice(refused.value, address)


async def test_an_authority_that_is_named_is_trusted(
    address: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file()))
    async with connect(address) as client:
        assert await Api(client).get("/") == {}
