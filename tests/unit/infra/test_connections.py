"""What a connection may keep others waiting with: tried on real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from infra.connections import HEAD_BYTES, HEADERS, Guarded, Limits, limited
from shared.web.body_limit import HERE
from tests.support.eventually import eventually
from tests.support.pace import lasts

PATIENCE = 0.5
SLACK = 20.0  # for a machine that is busy
LONG = 600.0
HEAD = b"GET / HTTP/1.1\r\nHost: kursnav.test\r\n"
LONG_ANSWER = 20_000_000


@dataclass
class Application:
    """Answers without reading; `/slow` after a while, `/held` when it may, `/long` at length,
    `/here` whether the body is."""

    goes_on: asyncio.Event

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/slow":
            await lasts(4 * PATIENCE)
        if scope["path"] == "/held":
            await self.goes_on.wait()
        here = b"here" if scope.get(HERE) else b"to come"
        body = {"/long": b"x" * LONG_ANSWER, "/here": here}.get(scope["path"], b"done")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, Any]:
        """Status and body; status 0 when the connection was closed without an answer."""
        try:
            head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), SLACK)
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0, None
        [length] = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
        body = await self.reader.readexactly(int(length))
        return int(head.split()[1]), json.loads(body) if b"problem+json" in head else body

    async def is_closed(self, within: float = SLACK) -> bool:
        try:
            return await asyncio.wait_for(self.reader.read(1), within) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False


@dataclass
class Server:
    state: ServerState
    protocol: type[Guarded]
    application: Application
    port: int

    async def client(self, first: bytes = b"") -> Client:
        made = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        await made.send(first)
        return made


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    application = Application(asyncio.Event())
    config = uvicorn.Config(application, log_config=None, timeout_keep_alive=30, interface="asgi3")
    config.load()
    state, protocol = ServerState(), limited(Limits(connections=10, patience=PATIENCE))
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: protocol(config, state, {}), "127.0.0.1", 0) as listening:
        yield Server(state, protocol, application, listening.sockets[0].getsockname()[1])
        for connection in list(state.connections):
            connection.transport.abort()


async def test_a_request_is_answered_and_the_connection_stays(server: Server) -> None:
    client = await server.client()
    for _ in range(2):
        await client.send(HEAD + b"\r\n")
        assert await client.answer() == (200, b"done")
    assert not await client.is_closed(within=3 * PATIENCE)


async def test_work_that_takes_longer_than_the_patience_is_not_cut(server: Server) -> None:
    client = await server.client(HEAD.replace(b"/ ", b"/slow ") + b"\r\n")
    assert await client.answer() == (200, b"done")


async def test_a_body_is_here_when_all_of_it_came_with_its_head(server: Server) -> None:
    head = HEAD.replace(b"GET / ", b"POST /here ") + b"Content-Length: 4\r\n\r\n"
    for sent, told in ((head + b"body", b"here"), (head + b"bo", b"to come")):
        assert await (await server.client(sent)).answer() == (200, told)


@pytest.mark.parametrize("first", [b"", b"G", HEAD, HEAD + b"X-Half: a"], ids=["nothing", "a letter", "a line", "half"])
async def test_headers_that_stay_out_are_408(server: Server, first: bytes) -> None:
    status, problem = await (await server.client(first)).answer()
    assert (status, problem["type"]) == (408, "https://kursnav.se/problems/request-timeout")


@pytest.mark.parametrize(("first", "trickle"), [(b"GET /", b"a"), (b"", b"\r\n")], ids=["letters", "bare line ends"])
async def test_headers_that_come_byte_by_byte_are_408(server: Server, first: bytes, trickle: bytes) -> None:
    client = await server.client(HEAD + b"\r\n")
    assert await client.answer() == (200, b"done")
    await client.send(first)
    answering = asyncio.create_task(client.answer())
    while not answering.done():
        client.writer.write(trickle)
        await lasts(PATIENCE / 10)
    assert (await answering)[0] == 408


@pytest.mark.parametrize(
    "head",
    [
        b"X-Long: " + b"a" * HEAD_BYTES + b"\r\n",
        b"X-Endless: " + b"a" * HEAD_BYTES,
        b"".join(b"X-%d: a\r\n" % number for number in range(HEADERS)),
    ],
    ids=["one long", "one without end", "many"],
)
async def test_headers_beyond_the_limit_are_431(server: Server, head: bytes) -> None:
    status, problem = await (await server.client(HEAD + head + b"\r\n")).answer()
    assert (status, problem["type"]) == (431, "https://kursnav.se/problems/headers-too-large")
    assert str(HEADERS) in problem["detail"]


@pytest.mark.parametrize(
    "hosts",
    [
        b"",
        b"Host: a\r\nHost: b\r\n",
        b"Host: kursnav.test/booking\r\n",
        b"Host: a@b\r\n",
        b"Host: a b\r\n",
        b"Host:\r\n",
    ],
)
async def test_a_request_says_once_and_plainly_which_host_it_means(server: Server, hosts: bytes) -> None:
    status, problem = await (await server.client(b"GET / HTTP/1.1\r\n" + hosts + b"\r\n")).answer()
    assert (status, problem["type"]) == (400, "https://kursnav.se/problems/malformed")


@pytest.mark.parametrize("host", [b"localhost:8000", b"kurser.example.se", b"10.0.0.1", b"[::1]:8000", b"booking_1"])
async def test_hosts_that_there_are(server: Server, host: bytes) -> None:
    client = await server.client(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
    assert await client.answer() == (200, b"done")


async def test_what_is_no_http_is_a_problem_in_the_language_asked_for(server: Server) -> None:
    status, problem = await (await server.client(b"\x16\x03\x01\x02\x00\x01\r\n\r\n")).answer()
    assert (status, problem["detail"]) == (400, "Anropet går inte att läsa.")
    english = b"GET / HTTP/1.1\r\nAccept-Language: en\r\nHost: a b\r\n\r\n"
    status, problem = await (await server.client(english)).answer()
    assert problem["detail"] == "There must be one header Host, as name:port."


async def test_an_answered_request_whose_body_stays_out_does_not_keep_the_connection(server: Server) -> None:
    client = await server.client(HEAD + b"Content-Length: 100\r\n\r\n{")
    assert await client.answer() == (200, b"done")
    assert await client.is_closed()


async def test_the_rest_of_a_body_may_come_after_the_answer(server: Server) -> None:
    client = await server.client(HEAD + b"Content-Length: 2\r\n\r\n{")
    assert await client.answer() == (200, b"done")
    await client.send(b"}" + HEAD + b"\r\n")
    assert await client.answer() == (200, b"done")


async def test_an_answer_that_nobody_reads_does_not_stay(server: Server) -> None:
    client = await server.client(HEAD.replace(b"/ ", b"/long ") + b"\r\n")
    await eventually(lambda: server.state.total_requests == 1, what="it was answered")
    assert len(server.state.connections) == 1
    await eventually(lambda: not server.state.connections, within=SLACK, what="it is closed")
    client.writer.close()


async def test_the_longest_idle_gives_way_to_a_newcomer(server: Server) -> None:
    server.protocol.limits = Limits(connections=10, patience=LONG)  # nobody leaves for being idle
    idle = [await server.client() for _ in range(10)]
    client = await server.client(HEAD + b"\r\n")
    assert await client.answer() == (200, b"done")
    assert await idle[0].answer() == (0, None)
    for other in idle[1:]:
        await other.send(HEAD + b"\r\n")
        assert await other.answer() == (200, b"done"), "only one gave way"


async def test_when_all_are_at_work_the_newcomer_is_told_to_come_again(server: Server) -> None:
    busy = [await server.client(HEAD.replace(b"/ ", b"/held ") + b"\r\n") for _ in range(10)]
    await eventually(lambda: len(server.state.tasks) == len(busy), what="all are at work")
    status, problem = await (await server.client()).answer()
    assert (status, problem["type"]) == (503, "https://kursnav.se/problems/busy")
    server.application.goes_on.set()
    assert [await client.answer() for client in busy] == [(200, b"done")] * 10
