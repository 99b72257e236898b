"""A connection that keeps others waiting is closed: uvicorn's protocol with the limits that its parser lacks.

Beside each limit stands what it keeps out. A body's size and pace are `shared.web.body_limit`'s.
"""

import json
import re
import time
from asyncio import TimerHandle, Transport
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.web.body_limit import HERE
from shared.web.problems import Problem, busy, language_of

HEAD_BYTES = 32_768  # a token with many roles is some kB; the parser itself would gather for ever
HEADERS = 100
HOST = re.compile(rb"[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
UNREAD_TIMES = 6  # patiences without room in the buffers: then nobody reads the answer

TOO_MANY = busy("För många förbindelser just nu. Försök igen.", "Too many connections right now. Try again.", seconds=5)
UNREADABLE = Problem("malformed", 400, "Anropet går inte att läsa.", "The request cannot be read.")
HOST_MISSING = Problem(
    "malformed", 400, "Huvudet Host ska finnas en gång, som namn:port.", "There must be one header Host, as name:port."
)
HEAD_TOO_LARGE = Problem(
    "headers-too-large",
    431,
    f"Anropets huvuden får vara högst {HEADERS}, tillsammans {HEAD_BYTES} byte med adressen.",
    f"A request may have {HEADERS} headers at most, {HEAD_BYTES} bytes together with its address.",
)
HEAD_TOO_SLOW = Problem(
    "request-timeout", 408, "Anropet kom för långsamt. Försök igen.", "The request came too slowly. Try again."
)


@dataclass(frozen=True)
class Limits:
    """How many connections a process holds, and how long it waits for what one of them owes."""

    connections: int
    patience: float


class Refusal(Exception):
    """Ends the parser's work on a connection."""


class Guarded(HttpToolsProtocol):
    """One connection. `limits` are set once, by `limited`."""

    limits: ClassVar[Limits]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._between = True  # no complete head yet: whoever waits here is served by nobody
        self._since = time.monotonic()
        self._head = 0
        self._refusal: Problem | None = None
        self._owed: TimerHandle | None = None  # a head, or the rest of a body
        self._unread: TimerHandle | None = None  # an answer

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as the parent has it
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections and not self._one_gives_way():
            self._refuse(TOO_MANY)
            return
        self._wait_for_head()

    def _one_gives_way(self) -> bool:
        """The one that has asked nothing for longest: who comes with a request is not kept out by who comes without."""
        others = [one for one in self.connections if isinstance(one, Guarded) and one is not self and one._idle]
        if not others:
            return False
        min(others, key=lambda one: one._since).transport.abort()
        return True

    @property
    def _idle(self) -> bool:
        return self._between and (self.cycle is None or self.cycle.response_complete)

    def connection_lost(self, exc: Exception | None) -> None:
        self._owe(None)
        self._read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._between:
            if self._owed is None:  # the first byte after an answer; a bare line end begins no message of the parser
                self._wait_for_head()
            self._head += len(data)
        super().data_received(data)
        if self._between and self._head > HEAD_BYTES and not self.transport.is_closing():
            self._refuse(HEAD_TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._owe(None)
        if refusal := self._fault_of_head():
            self._refusal = refusal
            raise Refusal
        self._between, self._head = False, 0
        super().on_headers_complete()

    def _fault_of_head(self) -> Problem | None:
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > HEAD_BYTES or len(self.headers) > HEADERS:
            return HEAD_TOO_LARGE
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) > 1 or not all(HOST.fullmatch(host) for host in hosts):
            return HOST_MISSING
        return HOST_MISSING if not hosts and self.parser.get_http_version() == "1.1" else None

    def on_message_complete(self) -> None:
        self._owe(None)
        self._between, self._since = True, time.monotonic()
        cast(dict[str, Any], self.scope)[HERE] = True
        super().on_message_complete()
        if self._idle:
            self._wait_for_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._between:  # answered before the body had come: it may still come, but not for long
            self._owe(self.limits.patience, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.limits.patience * UNREAD_TIMES, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._read()

    def _read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._refusal or UNREADABLE)

    def _wait_for_head(self) -> None:
        self._owe(self.limits.patience, lambda: self._refuse(HEAD_TOO_SLOW))

    def _owe(self, seconds: float | None, late: Any = None) -> None:
        if self._owed is not None:
            self._owed.cancel()
        self._owed = None if seconds is None else self.loop.call_later(seconds, late)

    def _refuse(self, problem: Problem) -> None:
        """Answers by itself: no application has seen the request."""
        self._owe(None)
        language = language_of(Request({"type": "http", "headers": self.headers or []}))
        body = json.dumps(problem.body(language), ensure_ascii=False).encode()
        head = {
            "Content-Type": "application/problem+json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        lines = [f"{name}: {value}\r\n" for name, value in {**head, **problem.headers}.items()]
        self.transport.write(STATUS_LINE[problem.status] + "".join(lines).encode() + b"\r\n" + body)
        self.transport.close()


def limited(limits: Limits) -> type[Guarded]:
    """The protocol with these limits."""
    return type("Limited", (Guarded,), {"limits": limits})
