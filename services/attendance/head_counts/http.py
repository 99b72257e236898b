"""Head counts: people counted without names. They are approximate, and never become hours."""

from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import col
from starlette.responses import Response

from services.attendance.head_counts.bodies import HeadCountBody, HeadCountShown
from services.attendance.head_counts.record import ANYWHERE, record_head_count
from services.attendance.head_counts.tables import HeadCount
from services.attendance.rolls.lock import find_roll, lock_roll
from shared.web.cursors import Listing, Paging
from shared.web.openapi import again, problems
from shared.web.problems import not_found
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="head counts")


@router.post(
    "/v1/sessions/{session_id}/head-count",
    status_code=201,
    responses={409: problems("head-count-id-reused"), **again(HeadCountShown)},
)
async def post_head_count(
    session_id: UUID, body: HeadCountBody, response: Response, unit: Unit = allow(Role.TRAINER)
) -> HeadCountShown:
    """Counts heads on an occasion. The same count again answers 200; its id for another count 409."""
    await lock_roll(unit, session_id)
    async with unit.as_system():
        if not await record_head_count(unit, session_id, body):
            response.status_code = 200
        return _shown(await unit.one(ANYWHERE, {"id": body.head_count_id}))


@router.get("/v1/sessions/{session_id}/head-counts")
async def list_head_counts(
    session_id: UUID, page: Paging, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Listing[HeadCountShown]:
    """All head counts of a session, in order of id."""
    await find_roll(unit, session_id)
    statement = select(HeadCount).where(col(HeadCount.session_id) == session_id)
    rows = await unit.all(page.cut(statement, col(HeadCount.id)))
    return page.answer(rows, lambda row: [row["id"]], _shown)


@router.get("/v1/sessions/{session_id}/head-counts/{head_count_id}")
async def show_head_count(
    session_id: UUID, head_count_id: UUID, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Versioned[HeadCountShown]:
    """One head count."""
    row = await unit.one_or_none(ANYWHERE, {"id": head_count_id})
    if row is None or row["session_id"] != session_id:
        raise not_found("Räkningen", "The head count")
    return Versioned(_shown(row), 1)


def _shown(row: RowMapping) -> HeadCountShown:
    return HeadCountShown(**{name: row[name] for name in HeadCountShown.model_fields if name != "approximate"})
