"""A body that is too large or comes too slowly is refused as every other fault: as a problem, in the caller's language.

The framework's own limit answers plain text, whatever handlers an application has, and it waits for ever.
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.errors import http_problem
from shared.web.problems import answer

TOO_SLOW, TOO_LARGE = 408, 413
LEAST_RATE = 32_768  # bytes a second, once the patience is used up
LONGEST = 12  # times the patience, however steadily it comes
HERE = "kursnav.body_is_here"
"""In the scope of a request whose body had come before its application began: what is here needs no clock."""


class BodyLimit:
    """ASGI middleware of a service.

    413 at once by Content-Length, else when more bytes than allowed have come. 408 for a body that stays out for longer
    than the patience and what its bytes earn it.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, patience: float) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        if announced.isdigit() and int(announced) > self.max_bytes:
            return await answer(Request(scope), http_problem(TOO_LARGE, detail=in_words(self.max_bytes)))(
                scope, receive, send
            )
        if not (announced and scope.get(HERE)):
            receive = Arriving(receive, self.max_bytes, self.patience)
        await self.app(scope, receive, send)


class Arriving:
    """The body as it comes: counted, and timed from when somebody first waits for it."""

    def __init__(self, receive: Receive, max_bytes: int, patience: float) -> None:
        self._receive = receive
        self._max_bytes, self._patience = max_bytes, patience
        self._came = 0
        self._begun: float | None = None
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:  # now one waits for the caller to leave, as long as the answer takes
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline()):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(TOO_SLOW, headers={"Connection": "close"}) from None
        self._came += len(message.get("body", b""))
        if self._came > self._max_bytes:
            raise HTTPException(TOO_LARGE, in_words(self._max_bytes))
        self._complete = not message.get("more_body", False)
        return message

    def _deadline(self) -> float:
        if self._begun is None:
            self._begun = asyncio.get_running_loop().time()
        return self._begun + min(self._patience + self._came / LEAST_RATE, self._patience * LONGEST)


def in_words(max_bytes: int) -> str:
    """The limit as people know it."""
    return f"{max_bytes / 1_000_000:g} MB"
