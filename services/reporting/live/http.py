"""Live figures over HTTP: server-sent events."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.reporting.live.feed import Feed
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.fields import Named
from shared.web.problems import busy
from shared.web.routing import allow, service_router

router: APIRouter = service_router(tag="figures")

EVENTS: Final = "text/event-stream"
STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Events as they come.", "content": {EVENTS: {"schema": {"type": "string"}}}}
}
# Kept nowhere on the way, and handed on at once.
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/v1/live", summary="The running year's figures as they change", response_class=Response, responses=STREAM)
async def live(
    request: Request,
    last_event_id: Annotated[Named | None, Header(max_length=64)] = None,
    unit: Unit = allow(Role.COORDINATOR, Role.FUNDER),
) -> Response:
    """`event: figures`, whose data are changed figures by their dotted paths (null: no longer there): all of them on
    connecting, those that changed since with the `Last-Event-ID` of a state that is remembered. Within 2 seconds of the
    fact. The stream ends after five minutes; browsers come again by themselves.
    """
    feed: Feed = request.app.state.feed
    if feed.is_full:
        raise busy(
            "Så många följer redan siffrorna att det inte går att ta emot fler. Försök igen om en stund.",
            "So many follow the figures already that no more can be taken. Try again in a while.",
            seconds=30,
        )
    return StreamingResponse(feed.listen(last_event_id), media_type=EVENTS, headers=HEADERS)
