"""Walk-ins on a roll: the trainer takes them in here, and their name or number in booking."""

from uuid import UUID

from sqlmodel import col
from starlette.responses import Response

from services.attendance.rolls.lock import find_roll, lock_roll
from services.attendance.walk_ins.bodies import WalkInBody, WalkInShown
from services.attendance.walk_ins.queries import walk_in_anywhere, walk_in_shown, walk_ins_of
from services.attendance.walk_ins.record import record_walk_in
from services.attendance.walk_ins.tables import WalkIn
from shared.web.cursors import Listing, Paging
from shared.web.openapi import again, problems
from shared.web.problems import not_found
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="walk-ins")


@router.post(
    "/v1/sessions/{session_id}/walk-ins",
    status_code=201,
    responses={409: problems("session-cancelled", "walk-in-id-taken"), **again(WalkInShown)},
)
async def post_walk_in(
    session_id: UUID, body: WalkInBody, response: Response, unit: Unit = allow(Role.TRAINER)
) -> Versioned[WalkInShown]:
    """Notes that somebody came without a registration. The same again answers 200."""
    roll = await lock_roll(unit, session_id)
    async with unit.as_system():
        if not await record_walk_in(unit, roll, body):
            response.status_code = 200
    return await _shown(unit, session_id, body.walk_in_id)


@router.get("/v1/sessions/{session_id}/walk-ins")
async def list_walk_ins(
    session_id: UUID, page: Paging, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Listing[WalkInShown]:
    """All walk-ins of a session, in order of id."""
    await find_roll(unit, session_id)
    rows = await unit.all(page.cut(walk_ins_of(session_id), col(WalkIn.walk_in_id)))
    return page.answer(rows, lambda row: [row["walk_in_id"]], walk_in_shown)


@router.get("/v1/sessions/{session_id}/walk-ins/{walk_in_id}")
async def show_walk_in(
    session_id: UUID, walk_in_id: UUID, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Versioned[WalkInShown]:
    """One walk-in."""
    return await _shown(unit, session_id, walk_in_id)


async def _shown(unit: Unit, session_id: UUID, walk_in_id: UUID) -> Versioned[WalkInShown]:
    row = await walk_in_anywhere(unit, walk_in_id)
    if row is None or row["session_id"] != session_id:
        raise not_found("Den som kom oanmäld", "The walk-in")
    return Versioned(walk_in_shown(row), 2 if row["participant_id"] else 1)
