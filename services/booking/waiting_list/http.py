"""The calls about the waiting list."""

from uuid import UUID

from starlette.requests import Request

from services.booking.allocation.eligibility import Obstacle
from services.booking.allocation.problems import STARTED
from services.booking.registrations.problems import SESSION_FULL
from services.booking.waiting_list.bodies import MoveBody, QueueShown
from services.booking.waiting_list.explain import explain_queue
from services.booking.waiting_list.move import move_entry
from shared.web.openapi import problems
from shared.web.problems import language_of
from shared.web.routing import Role, Unit, allow, service_router

router = service_router(tag="waiting list")


@router.get("/v1/sessions/{session_id}/queue", response_model_exclude_none=True)
async def show_queue(
    session_id: UUID, request: Request, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> QueueShown:
    """The queue with the reasons of every decision; a municipality sees its own entries explained."""
    return await explain_queue(unit, session_id, language_of(request))


@router.post(
    "/v1/sessions/{session_id}/queue/move",
    response_model_exclude_none=True,
    responses={409: problems(*STARTED, SESSION_FULL, *Obstacle)},
)
async def post_move(
    session_id: UUID, body: MoveBody, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> QueueShown:
    """Moves an entry; returns the queue afterwards."""
    await move_entry(unit, session_id, body)
    return await explain_queue(unit, session_id, language_of(request))
