"""The page that marks somebody who came without a registration; booking's page has asked who it is."""

from uuid import UUID

from starlette.requests import Request

from services.attendance.roll_pages.enter_roll import record_by_page
from services.attendance.roll_pages.queries import session_and_roll
from services.attendance.rolls.lock import lock_roll
from services.attendance.walk_ins.bodies import PresenceBody, WalkInBody
from services.attendance.walk_ins.record import record_walk_in
from shared.contracts.types import MunicipalityCode
from shared.web.pages import Done, View, _, page_router
from shared.web.problems import language_of
from shared.web.routing import Role, Unit, allow

router = page_router()

ROLL = "/narvaro/listor/{}"
PRESENCE = "/narvaro/listor/{session_id}/oanmald/{walk_in_id}"


@router.get(PRESENCE)
async def were_they_there(
    session_id: UUID,
    walk_in_id: UUID,
    request: Request,
    municipality: MunicipalityCode | None = None,
    unit: Unit = allow(Role.COORDINATOR, Role.TRAINER),
) -> View:
    """Step 2: on which occasion, and for how long. Also to change it later."""
    session, shown = await session_and_roll(unit, request, session_id)
    begun = [one for one in shown.occasions if one.starts_at <= unit.recorded_at] or shown.occasions[:1]
    return View("walk_ins/presence.html", session=session, roll=shown, occasions=begun, municipality=municipality or "")


@router.post(PRESENCE)
async def mark_presence(
    session_id: UUID,
    walk_in_id: UUID,
    body: PresenceBody,
    request: Request,
    unit: Unit = allow(Role.COORDINATOR, Role.TRAINER),
) -> Done:
    roll = await lock_roll(unit, session_id)
    async with unit.as_system():
        await record_walk_in(unit, roll, WalkInBody(walk_in_id=walk_in_id, municipality=body.municipality))
    mark = {
        "mark_id": str(unit.ids.uuid7()),
        "walk_in_id": str(walk_in_id),
        "occasion_id": str(body.occasion_id),
        "status": "present",
        "minutes": body.minutes,
        "marked_at": unit.recorded_at.isoformat(),
        "base_version": body.roll_version,
    }
    _taken, refused = await record_by_page(unit, session_id, [mark], language_of(request))
    said = _("The mark was refused: see why below.") if refused else _("Marked as present.")
    return Done(ROLL.format(session_id), said)
