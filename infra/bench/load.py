"""A load generator that costs little itself: HTTP/1.1 on kept-alive connections, parsed in C.

Each connection has one request under way. It speaks to 127.0.0.1 only, sends a counted number of requests and ends.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import httptools

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Call:
    """One request, rendered once before the clock runs."""

    raw: bytes
    label: str = ""


def post(path: str, body: Any, token: str = "", label: str = "") -> Call:
    content = json.dumps(body).encode()
    head = [
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    if token:
        head.append(f"Authorization: Bearer {token}")
    return Call("\r\n".join(head).encode() + b"\r\n\r\n" + content, label)


def get(path: str, cookie: str = "", token: str = "") -> Call:
    """A GET by somebody signed in: of a page by the cookie, of the API by the token."""
    caller = f"Authorization: Bearer {token}" if token else f"Cookie: {cookie}"
    return Call(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{caller}\r\n\r\n".encode())


@dataclass
class Sample:
    """Latencies in seconds of the requests that were answered with 2xx, those that were not, and the time for all."""

    latencies: list[float] = field(default_factory=list)
    refused: list[Call] = field(default_factory=list)
    seconds: float = 0.0
    first_failure: str = ""

    @property
    def failed(self) -> int:
        return len(self.refused)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def milliseconds(self, quantile: float) -> float:
        return quantile_of(self.latencies, quantile) * 1000

    def note(self, call: Call, status: int, body: bytes, seconds: float) -> None:
        if 200 <= status < 300:
            self.latencies.append(seconds)
        else:
            self.refused.append(call)
            self.first_failure = self.first_failure or f"{status}: {body[:300].decode(errors='replace')}"


def quantile_of(values: Sequence[float], quantile: float) -> float:
    """Nearest-rank quantile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(quantile * len(ordered)))] if ordered else 0.0


class Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    @classmethod
    async def open(cls, port: int) -> Connection:
        _, protocol = await asyncio.get_running_loop().create_connection(cls, HOST, port)
        return protocol

    async def send(self, call: Call) -> tuple[int, bytes]:
        """Status and body. Raises ConnectionError when the other side hangs up."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("the service closed the connection")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(call.raw)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the service closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        status, body = self._parser.get_status_code(), bytes(self._body)
        self._body.clear()
        self._parser = httptools.HttpResponseParser(self)
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((status, body))


async def closed_loop(port: int, calls: Iterable[Call], connections: int) -> Sample:
    """Each connection sends its next request as soon as the last is answered."""
    waiting: Iterator[Call] = iter(calls)
    sample = Sample()
    opened = [await Connection.open(port) for _ in range(connections)]
    began = time.perf_counter()
    await asyncio.gather(*(_drain(connection, waiting, sample) for connection in opened))
    sample.seconds = time.perf_counter() - began
    for connection in opened:
        connection.close()
    return sample


async def _drain(connection: Connection, waiting: Iterator[Call], sample: Sample) -> None:
    for call in waiting:
        sent = time.perf_counter()
        status, body = await connection.send(call)
        sample.note(call, status, body, time.perf_counter() - sent)


async def open_loop(
    port: int, calls: Sequence[Call], per_second: float, connections: int, on_send: Callable[[Call], None]
) -> Sample:
    """Requests leave at a fixed rate whatever the answers do; a late connection does not hide a slow service."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await Connection.open(port))
    sample = Sample()
    began = time.perf_counter()

    async def one(call: Call) -> None:
        on_send(call)
        sent = time.perf_counter()
        connection = await free.get()
        status, body = await connection.send(call)
        sample.note(call, status, body, time.perf_counter() - sent)
        free.put_nowait(connection)

    async with asyncio.TaskGroup() as group:
        for number, call in enumerate(calls):
            await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
            group.create_task(one(call))
    sample.seconds = time.perf_counter() - began
    while not free.empty():
        free.get_nowait().close()
    return sample
