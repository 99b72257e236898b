"""`POST /dev/sweep {now}`: lets time pass in the development stack.

Where each service is a process of its own, `/dev/sweep/{service}` leads to each of them: only there is its work done.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.clock import instant
from shared.web.problems import FieldError, answer, invalid

if TYPE_CHECKING:
    from shared.service import Service

NOT_A_TIME = FieldError(
    "/now",
    "not_iso",
    "Ange en tidpunkt med tidszon, till exempel 2027-03-01T09:00:00+01:00.",
    "Give a time with offset, for example 2027-03-01T09:00:00+01:00.",
)


def routes(services: "Sequence[Service]") -> list[Route]:
    """A way to every service in this process at once, and one to each."""
    return [_route("/dev/sweep", services), *(_route(f"/dev/sweep/{one.name}", [one]) for one in services)]


def _route(path: str, services: "Sequence[Service]") -> Route:
    """Does all work of these services that is due as of `now`, and answers when it is done."""

    async def sweep(request: Request) -> Response:
        now = _time(await request.body())
        if now is None:
            return answer(request, invalid(NOT_A_TIME))
        for service in services:
            await service.run_due(now)
        return JSONResponse({"now": now.isoformat(), "services": [service.name for service in services]})

    return Route(path, sweep, methods=["POST"])


def _time(body: bytes) -> datetime | None:
    try:
        given = from_json(body)
    except ValueError:
        return None
    now = given.get("now") if isinstance(given, dict) else None
    return instant(now) if isinstance(now, str) else None
