"""A body that is too large is refused as every other fault: as a problem, in the caller's language.

The framework's own limit answers plain text, whatever handlers an application has.
"""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.errors import http_problem
from shared.web.problems import answer

TOO_LARGE = 413


class BodyLimit:
    """ASGI middleware of a service: 413 at once by Content-Length, else when more bytes than allowed have come."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > self.max_bytes:
            return await answer(Request(scope), http_problem(TOO_LARGE))(scope, receive, send)
        came = 0

        async def counting() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self.max_bytes:
                raise HTTPException(TOO_LARGE)
            return message

        await self.app(scope, counting, send)
