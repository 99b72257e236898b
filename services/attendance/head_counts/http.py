"""Head counts: people counted without names. They are approximate, and never become hours."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, text
from sqlmodel import col
from starlette.responses import Response

from services.attendance.head_counts.bodies import HeadCountBody, HeadCountShown
from services.attendance.head_counts.tables import HeadCount
from services.attendance.occasions.queries import occasions_of
from services.attendance.rolls.lock import find_roll, lock_roll
from shared.contracts.attendance_v1 import HeadCountRecorded
from shared.web.cursors import Listing, Paging
from shared.web.openapi import problems
from shared.web.problems import FieldError, conflict, invalid, not_found
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="head counts")

ANYWHERE = text("SELECT * FROM head_counts WHERE id = :id")


@router.post("/v1/sessions/{session_id}/head-count", status_code=201, responses={409: problems("head-count-id-reused")})
async def post_head_count(
    session_id: UUID, body: HeadCountBody, response: Response, unit: Unit = allow(Role.TRAINER)
) -> HeadCountShown:
    """Counts heads on an occasion. The same count again answers 200; its id for another count 409."""
    await lock_roll(unit, session_id)
    async with unit.as_system():
        known = await unit.one_or_none(ANYWHERE, {"id": body.head_count_id})
        if known is not None:
            _require_same(known, session_id, body)
            response.status_code = 200
            return _shown(known)
        occasion = (await occasions_of(unit, [session_id])).get(body.occasion_id)
        if occasion is None or occasion.dropped:
            raise _unknown_occasion()
        row = _row(unit, session_id, body)
        await unit.execute(insert(HeadCount), row)
    recorded = HeadCountRecorded(**body.model_dump())
    unit.emit(recorded, key=str(session_id))
    return _shown(row)


def _unknown_occasion() -> Exception:
    return invalid(
        FieldError(
            "/occasion_id",
            "unknown-occasion",
            "Datumtillfället hör inte till kurstillfället.",
            "The occasion is not one of this session.",
        )
    )


def _row(unit: Unit, session_id: UUID, body: HeadCountBody) -> dict[str, Any]:
    return {
        "id": body.head_count_id,
        "session_id": session_id,
        "occasion_id": body.occasion_id,
        "count": body.count,
        "recorded_at": unit.recorded_at,
        "recorded_by": unit.actor,
    }


def _require_same(known: RowMapping, session_id: UUID, body: HeadCountBody) -> None:
    same = (known["session_id"], known["occasion_id"], known["count"]) == (session_id, body.occasion_id, body.count)
    if not same:
        raise conflict(
            "head-count-id-reused",
            "head_count_id har redan använts för en annan räkning. Ge varje räkning ett eget id.",
            "This head_count_id was used for another count. Give each count an id of its own.",
        )


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


def _shown(row: RowMapping | dict[str, Any]) -> HeadCountShown:
    return HeadCountShown(**{name: row[name] for name in HeadCountShown.model_fields if name != "approximate"})
