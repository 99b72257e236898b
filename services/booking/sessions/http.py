"""The calls about sessions: everybody with a token reads, the coordinator plans."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.booking.allocation.problems import OVER
from services.booking.allocation.rules import State
from services.booking.calendar import MEDIA_TYPE
from services.booking.sessions.bodies import CancelBody, RescheduleBody, SessionBody, SessionPatch, SessionShown
from services.booking.sessions.calendar import session_calendar
from services.booking.sessions.cancel import cancel_session
from services.booking.sessions.change_session import change_session
from services.booking.sessions.queries import Filter, Found, find_session, sessions_page
from services.booking.sessions.reschedule import reschedule
from services.booking.sessions.schedule import schedule
from shared.contracts.types import MunicipalityCode
from shared.web.cursors import Listing, Paging
from shared.web.fields import Code, Day
from shared.web.openapi import problems
from shared.web.routing import ANY, Role, Unit, Versioned, allow, service_router

router = service_router(tag="sessions")

TEACHING = ("trainer-busy", "trainer-not-qualified")


@router.get("/v1/sessions")
async def list_sessions(
    page: Paging,
    course: Annotated[Code | None, Query(description="Course code.")] = None,
    municipality: Annotated[MunicipalityCode | None, Query(description="Where it is held.")] = None,
    from_: Annotated[Day | None, Query(alias="from", description="Local day on which, or after, it ends.")] = None,
    to: Annotated[Day | None, Query(description="Local day on which, or before, it starts.")] = None,
    state: State | None = None,
    has_free_seats: bool | None = None,
    unit: Unit = allow(*ANY),
) -> Listing[SessionShown]:
    """The sessions, in order of their start."""
    wanted = Filter(course, municipality, from_, to, state, has_free_seats)
    found = await sessions_page(unit, wanted, page.key(datetime, UUID), page.fetch)
    return page.answer(found, lambda each: [each.starts_at.isoformat(), each.shown.id], lambda each: each.shown)


@router.post(
    "/v1/sessions",
    status_code=201,
    responses={409: problems(*TEACHING), 422: problems("in-the-past")},
)
async def post_session(body: SessionBody, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[SessionShown]:
    """Schedules a session."""
    return _versioned(await schedule(unit, body))


@router.get("/v1/sessions/{session_id}")
async def show_session(session_id: UUID, unit: Unit = allow(*ANY)) -> Versioned[SessionShown]:
    """One session with its seats."""
    return _versioned(await find_session(unit, session_id))


@router.get(
    "/v1/sessions/{session_id}/calendar.ics",
    response_class=Response,
    responses={200: {"description": "iCalendar.", "content": {"text/calendar": {"schema": {"type": "string"}}}}},
)
async def show_calendar(session_id: UUID, unit: Unit = allow(*ANY)) -> Response:
    """The occasions for a calendar program."""
    headers = {"Content-Disposition": f'attachment; filename="{session_id}.ics"'}
    return Response(await session_calendar(unit, session_id), media_type=MEDIA_TYPE, headers=headers)


@router.patch(
    "/v1/sessions/{session_id}",
    responses={
        409: problems(*OVER, *TEACHING, "roll-attested", "capacity-below-taken", "shares-exceed-free-seats"),
        422: problems("in-the-past", "use-reschedule"),
    },
)
async def patch_session(
    session_id: UUID, patch: SessionPatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[SessionShown]:
    """Changes the fields that are sent."""
    return _versioned(await change_session(unit, request, session_id, patch))


@router.post(
    "/v1/sessions/{session_id}/cancel",
    responses={409: problems(*OVER, "roll-attested")},
)
async def post_cancel(
    session_id: UUID, body: CancelBody, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[SessionShown]:
    """Cancels a session; its registrations stay, its queue ends."""
    return _versioned(await cancel_session(unit, session_id, body))


@router.post(
    "/v1/sessions/{session_id}/reschedule",
    responses={
        409: problems(*OVER, *TEACHING, "roll-attested", "overlapping-registration"),
        422: problems("in-the-past"),
    },
)
async def post_reschedule(
    session_id: UUID, body: RescheduleBody, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[SessionShown]:
    """Moves a session to other dates, perhaps another venue."""
    return _versioned(await reschedule(unit, session_id, body))


def _versioned(found: Found) -> Versioned[SessionShown]:
    return Versioned(found.shown, found.revision)
