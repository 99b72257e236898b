"""The calls about registrations: a municipality for its own staff, the coordinator for all."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from starlette.requests import Request

from services.booking.allocation.eligibility import Obstacle
from services.booking.allocation.problems import OVER, STARTED
from services.booking.registrations.bodies import (
    CancelBody,
    CancelledShown,
    MoveToBody,
    ProposalShown,
    ProposalsShown,
    RegistrationsBody,
    RegistrationShown,
    ResultsShown,
    SubstituteBody,
    application_of,
    results_shown,
)
from services.booking.registrations.cancel import cancel
from services.booking.registrations.move import move
from services.booking.registrations.problems import (
    ENDED,
    GROUP_NOT_COMPLETE,
    NO_SEAT,
)
from services.booking.registrations.propose import propose_instead
from services.booking.registrations.queries import Filter, find_registration, registrations_page
from services.booking.registrations.register import register
from services.booking.registrations.register_together import RegisterTogether
from services.booking.registrations.substitute import substitute
from shared.contracts.types import MunicipalityCode
from shared.web.combined import combined
from shared.web.cursors import Listing, Paging
from shared.web.openapi import problems
from shared.web.problems import language_of
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="registrations")


@router.post(
    "/v1/sessions/{session_id}/registrations",
    status_code=201,
    response_model_exclude_none=True,
    responses={
        403: problems("coordinator-only"),
        409: problems(*NO_SEAT, GROUP_NOT_COMPLETE),
    },
)
@combined(RegisterTogether())
async def post_registrations(
    session_id: UUID,
    body: RegistrationsBody,
    request: Request,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> ResultsShown:
    """Registers one or several persons under one policy; returns what became of each."""
    results = await register(unit, application_of(unit.role, session_id, body))
    return results_shown(results, language_of(request))


@router.get("/v1/registrations")
async def list_registrations(
    page: Paging,
    session: Annotated[UUID | None, Query(description="Session id.")] = None,
    staff: Annotated[UUID | None, Query(description="Staff id.")] = None,
    municipality: MunicipalityCode | None = None,
    status: Literal["confirmed", "waitlisted", "cancelled", "substituted"] | None = None,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR, Role.TRAINER),
) -> Listing[RegistrationShown]:
    """The registrations that the caller may see, in the order in which they were entered."""
    wanted = Filter(session, staff, municipality, status)
    found = await registrations_page(unit, wanted, page)
    return page.answer(found, lambda each: [each.id], lambda each: each)


@router.get("/v1/registrations/{registration_id}")
async def show_registration(
    registration_id: UUID,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR, Role.TRAINER),
) -> Versioned[RegistrationShown]:
    """One registration."""
    return Versioned(*await find_registration(unit, registration_id))


@router.get("/v1/registrations/{registration_id}/proposals")
async def show_proposals(
    registration_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> ProposalsShown:
    """Sessions to book the person on instead: after a cancelled session, or one that moved to a bad time."""
    found = await propose_instead(unit, registration_id)
    return ProposalsShown(items=[ProposalShown(**vars(each)) for each in found])


@router.post(
    "/v1/registrations/{registration_id}/cancel",
    responses={409: problems(*OVER, *ENDED)},
)
async def post_cancel(
    registration_id: UUID, body: CancelBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> CancelledShown:
    """Cancels a registration; its seat goes to the waiting list."""
    return CancelledShown(late=await cancel(unit, registration_id, body.reason, body.note))


@router.post(
    "/v1/registrations/{registration_id}/substitute",
    status_code=201,
    responses={409: problems(*STARTED, *ENDED, *Obstacle)},
)
async def post_substitute(
    registration_id: UUID,
    body: SubstituteBody,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Versioned[RegistrationShown]:
    """Gives a registration's seat, or its place in the queue, to another person of the same municipality."""
    return Versioned(*await find_registration(unit, await substitute(unit, registration_id, body.staff)))


@router.post(
    "/v1/registrations/{registration_id}/move",
    status_code=201,
    responses={409: problems(*NO_SEAT, *ENDED)},
)
async def post_move(
    registration_id: UUID,
    body: MoveToBody,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Versioned[RegistrationShown]:
    """Moves the person to a free seat of another session; the seat that is left goes to the waiting list."""
    return Versioned(*await find_registration(unit, await move(unit, registration_id, body.session)))
