"""The public HTTP API as an actor's program would call it: bearer token, idempotency keys, retries, problem details."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, TypedDict, TypeVar, Unpack

import httpx2
from pydantic import BaseModel

TRIES = 6
LONGEST_PAUSE = 5.0
TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
# Busy, or a gateway without a service behind it for a moment: the same request may be sent again.
TRY_AGAIN = frozenset({429, 502, 503, 504})


Shape = TypeVar("Shape", bound=BaseModel)


class Sent(TypedDict, total=False):
    """What may go with a POST: the key by which it counts once, and when it happened."""

    key: str | None
    occurred_at: datetime | None


class ApiError(Exception):
    """An answer that is no success; carries the problem details (RFC 9457) that the service sent."""

    def __init__(self, request: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        errors = "; ".join(f"{e.get('pointer')}: {e.get('message')}" for e in problem.get("errors") or ())
        detail = problem.get("detail") or problem.get("title") or ""
        super().__init__(f"{request} answered {status} {self.name}: {detail} {errors}".rstrip())

    @property
    def name(self) -> str:
        """The last part of the problem's type, such as `session-full`."""
        return str(self.problem.get("type", "")).rsplit("/", 1)[-1]


class Unreachable(Exception):
    """Nothing answers at the address."""


def connect(base: str, connections: int = 8) -> httpx2.AsyncClient:
    """A client with kept-alive connections to one origin."""
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx2.AsyncClient(base_url=base, limits=limits, timeout=TIMEOUT, trust_env=False, verify=trusted())


def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: this machine's authorities, or those in the file that `SSL_CERT_FILE` names."""
    return httpx2.create_ssl_context()


class Api:
    """Calls in the name of one caller. Every POST may be given a `key`: sent again, it has no second effect."""

    def __init__(self, client: httpx2.AsyncClient, token: str | None = None) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.send("GET", path, params=_given(params))).json()
        return answer

    async def got(self, shape: type[Shape], path: str, **params: Any) -> Shape:
        return shape.model_validate(await self.get(path, **params))

    async def get_bytes(self, path: str) -> bytes:
        return (await self.send("GET", path)).content

    async def listing(self, path: str, **params: Any) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list, page after page."""
        cursor: str | None = None
        while True:
            page = await self.get(path, limit=500, cursor=cursor, **params)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if cursor is None:
                return

    async def every(self, shape: type[Shape], path: str, **params: Any) -> list[Shape]:
        return [shape.model_validate(item) async for item in self.listing(path, **params)]

    async def post(
        self,
        path: str,
        body: Any = None,
        *,
        files: Any = None,
        params: Mapping[str, Any] | None = None,
        **sent: Unpack[Sent],
    ) -> Any:
        headers = {}
        if key := sent.get("key"):
            headers["Idempotency-Key"] = key
        if occurred_at := sent.get("occurred_at"):
            headers["Kursnav-Occurred-At"] = occurred_at.isoformat()
        response = await self.send("POST", path, json=body, headers=headers, files=files, params=params)
        return response.json() if response.content else None

    async def made(self, shape: type[Shape], path: str, body: Any = None, **sent: Any) -> Shape:
        return shape.model_validate(await self.post(path, body, **sent))

    async def put(self, path: str, body: Any, *, version_of: str | None = None) -> Any:
        """Writes a resource whose present version, if there is one, is read first (`If-Match`)."""
        headers = await self._if_match(version_of or path)
        return (await self.send("PUT", path, json=body, headers=headers)).json()

    async def _if_match(self, path: str) -> dict[str, str]:
        try:
            etag = (await self.send("GET", path)).headers.get("ETag")
        except ApiError as error:
            if error.status != 404:
                raise
            return {}
        return {"If-Match": etag} if etag else {}

    async def send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> httpx2.Response:
        """One request, repeated while the service is busy. Raises ApiError, Unreachable."""
        sent = {**self._headers, **(headers or {})}
        for attempt in range(TRIES):
            try:
                response = await self._client.request(method, path, headers=sent, **content)
            except httpx2.TransportError as error:
                if attempt == TRIES - 1:
                    raise Unreachable(f"no answer from {self._client.base_url} ({error!r})") from error
                await asyncio.sleep(0.2 * 2**attempt)
                continue
            if response.is_success:
                return response
            busy = response.status_code in TRY_AGAIN or _still_running(response)
            if not busy or attempt == TRIES - 1:
                raise ApiError(f"{method} {path}", response.status_code, _problem(response))
            await asyncio.sleep(_pause(response, attempt))
        raise AssertionError("the loop returns or raises")


def _still_running(response: httpx2.Response) -> bool:
    """The same idempotency key is at work: an earlier try of ours, whose connection broke."""
    return response.status_code == 409 and str(_problem(response).get("type", "")).endswith("/request-in-progress")


def _pause(response: httpx2.Response, attempt: int) -> float:
    asked = response.headers.get("Retry-After", "")
    return min(LONGEST_PAUSE, float(asked) if asked.isdecimal() else 0.2 * 2**attempt)


def _problem(response: httpx2.Response) -> dict[str, Any]:
    try:
        problem = response.json()
    except ValueError:
        return {"title": response.text[:200]}
    return problem if isinstance(problem, dict) else {"title": str(problem)[:200]}


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name.rstrip("_"): value for name, value in params.items() if value is not None}
