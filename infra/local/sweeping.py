"""`POST /dev/sweep {now}`: lets time pass in the development stack."""

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


def route(services: "Sequence[Service]") -> Route:
    """Does all work that is due as of `now`, of every service in this process, and answers when it is done."""

    async def sweep(request: Request) -> Response:
        now = _time(await request.body())
        if now is None:
            return answer(request, invalid(NOT_A_TIME))
        for service in services:
            await service.run_due(now)
        return JSONResponse({"now": now.isoformat(), "services": [service.name for service in services]})

    return Route("/dev/sweep", sweep, methods=["POST"])


def _time(body: bytes) -> datetime | None:
    try:
        given = from_json(body)
    except ValueError:
        return None
    now = given.get("now") if isinstance(given, dict) else None
    return instant(now) if isinstance(now, str) else None
