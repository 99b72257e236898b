"""One metric for each request, and a log line: at INFO when it was refused, failed or slow, otherwise at DEBUG.

It names the route's template, never the URL with its ids.
"""

import logging
import time
from functools import lru_cache
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observability import metrics

log = structlog.get_logger("kursnav.http")
_level = logging.getLogger("kursnav.http")
_seconds = lru_cache(1024)(metrics.REQUEST_SECONDS.labels)  # the library's own look-up costs more than what it notes

SLOW_SECONDS = 1.0
STREAM = (b"content-type", b"text/event-stream; charset=utf-8")
PROBES = ("/health/live", "/health/ready", "/metrics")


class Measure:
    """ASGI middleware of a service."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun = time.perf_counter()
        status, answered = 500, 0.0

        async def noting(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                if STREAM in message["headers"]:  # it lasts as long as somebody listens
                    answered = time.perf_counter() - begun
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            self._note(scope, status, answered or time.perf_counter() - begun)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route: Any = scope.get("route")
        path = getattr(route, "path", "unrouted")
        _seconds(self.service, scope["method"], path, str(status)).observe(seconds)
        worth_a_line = status >= 400 or seconds > SLOW_SECONDS
        # Asked here: a line that is not written costs as much as the metric.
        if path not in PROBES and (worth_a_line or _level.isEnabledFor(logging.DEBUG)):
            write = log.info if worth_a_line else log.debug
            write(
                "request",
                service=self.service,
                method=scope["method"],
                route=path,
                status=status,
                ms=round(seconds * 1000, 1),
            )
