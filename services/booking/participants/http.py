"""The calls about participants: the coordinator's alone, because they concern every employer."""

from uuid import UUID

from services.booking.participants.bodies import MergeBody, NewNumberBody, ParticipantShown
from services.booking.participants.change_number import change_number
from services.booking.participants.merge import merge
from services.booking.staff.vault import TheVault
from shared.web.openapi import problems
from shared.web.routing import Role, Unit, allow, service_router

router = service_router(tag="participants")


@router.post(
    "/v1/participants/{participant_id}/personal-number",
    responses={409: problems("participant-merged", "personal-number-taken")},
)
async def post_personal_number(
    participant_id: UUID, body: NewNumberBody, vault: TheVault, unit: Unit = allow(Role.COORDINATOR)
) -> ParticipantShown:
    """Gives the same human another number; who still enters the one before finds the same participant."""
    return await change_number(unit, vault, participant_id, body)


@router.post(
    "/v1/participants/{participant_id}/merge", responses={409: problems("participant-merged", "participants-collide")}
)
async def post_merge(
    participant_id: UUID, body: MergeBody, vault: TheVault, unit: Unit = allow(Role.COORDINATOR)
) -> ParticipantShown:
    """Ends this participant: it is found to be `into`, which every figure counts once from now on."""
    return await merge(unit, vault, participant_id, body)
