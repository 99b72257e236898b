"""The calls of checking in."""

from uuid import UUID

from services.attendance.check_in.bodies import CheckedInShown, CheckInBody, CheckInCodeShown
from services.attendance.check_in.check_in import check_in
from services.attendance.check_in.show_code import code_now
from services.attendance.check_in.try_code import Tried, try_code
from shared.security.roles import ANY
from shared.web.admission import by_link
from shared.web.openapi import problems
from shared.web.routing import Role, Unit, allow, beforehand, service_router

router = service_router(tag="check-in")


@router.get(
    "/v1/sessions/{session_id}/check-in-code", responses={409: problems("no-occasion-now", "session-cancelled")}
)
async def show_code(
    session_id: UUID, occasion_id: UUID | None = None, unit: Unit = allow(Role.TRAINER)
) -> CheckInCodeShown:
    """The code of now, for the screen in the room."""
    return await code_now(unit, session_id, occasion_id)


@router.post(
    "/v1/check-in",
    responses={
        404: problems("not-found"),
        409: problems("already-checked-in", "roll-sealed"),
        410: problems("link-expired"),
        429: problems("too-many-codes"),
    },
)
async def post_check_in(
    body: CheckInBody, tried: Tried = beforehand(try_code), unit: Unit = allow(*ANY, by=by_link)
) -> CheckedInShown:
    """Marks the holder of a link present by the code on the screen."""
    return await check_in(unit, tried)
