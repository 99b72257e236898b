"""The calls about participants: the coordinator's alone, because they concern every employer."""

from uuid import UUID

from starlette.responses import Response

from services.booking.participants.bodies import (
    EraseBody,
    ErasureBegunShown,
    ErasureShown,
    MergeBody,
    NewNumberBody,
    ParticipantShown,
)
from services.booking.participants.change_number import change_number
from services.booking.participants.erase import erase, erasure_begun, erasure_shown, find_erasure
from services.booking.participants.merge import merge
from services.booking.staff.vault import TheVault
from shared.web.openapi import problems
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="participants")


@router.post(
    "/v1/participants/{participant_id}/personal-number",
    responses={409: problems("participant-merged", "participant-erased", "personal-number-taken")},
)
async def post_personal_number(
    participant_id: UUID, body: NewNumberBody, vault: TheVault, unit: Unit = allow(Role.COORDINATOR)
) -> ParticipantShown:
    """Gives the same human another number; who still enters the one before finds the same participant."""
    return await change_number(unit, vault, participant_id, body)


@router.post(
    "/v1/participants/{participant_id}/merge",
    responses={409: problems("participant-merged", "participant-erased", "participants-collide")},
)
async def post_merge(
    participant_id: UUID, body: MergeBody, vault: TheVault, unit: Unit = allow(Role.COORDINATOR)
) -> ParticipantShown:
    """Ends this participant: it is found to be `into`, which every figure counts once from now on."""
    return await merge(unit, vault, participant_id, body)


@router.post(
    "/v1/participants/{participant_id}/erase",
    status_code=202,
    response_model_exclude_none=True,
    responses={
        200: {"model": ErasureBegunShown, "description": "Erased before."},
        409: problems("participant-merged"),
    },
)
async def post_erase(
    participant_id: UUID, body: EraseBody, response: Response, unit: Unit = allow(Role.COORDINATOR)
) -> ErasureBegunShown:
    """Erases a person: contact data at once, later registrations too; the figures stay. Again: the same erasure."""
    row, is_new = await erase(unit, participant_id, body.reason)
    if not is_new:
        response.status_code = 200
    return await erasure_begun(unit, row)


@router.get("/v1/erasures/{erasure_id}")
async def show_erasure(erasure_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[ErasureShown]:
    """How far an erasure has come."""
    return await erasure_shown(unit, await find_erasure(unit, erasure_id))
