"""Sessions and their rolls, for trainers (own sessions) and coordinators."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import RowMapping
from starlette.requests import Request

from services.attendance.rolls import queries
from services.attendance.rolls.bodies import (
    CountsShown,
    RollShown,
    SessionShown,
)
from services.attendance.rolls.lock import find_roll
from services.attendance.rolls.problems import unknown_session
from services.attendance.rolls.shown import roll_shown
from shared.web.cursors import Listing, Paging
from shared.web.fields import Day
from shared.web.problems import language_of
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="rolls")


@router.get("/v1/sessions")
async def list_sessions(
    page: Paging,
    from_: Annotated[Day | None, Query(alias="from", description="Local day, inclusive.")] = None,
    to: Annotated[Day | None, Query(description="Local day, inclusive.")] = None,
    unit: Unit = allow(Role.COORDINATOR, Role.TRAINER),
) -> Listing[SessionShown]:
    """Sessions with an occasion in the period, in order of their first occasion; a trainer's own only."""
    rows = await queries.sessions(unit, from_=from_, to=to, after=page.key(datetime, UUID), limit=page.fetch)
    return page.answer(rows, lambda row: [row["starts_at"].isoformat(), row["session_id"]], session_shown)


@router.get("/v1/sessions/{session_id}")
async def show_session(session_id: UUID, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)) -> Versioned[SessionShown]:
    """One session."""
    rows = await queries.sessions(unit, session_id=session_id)
    if not rows:
        raise unknown_session()
    return Versioned(session_shown(rows[0]), rows[0]["roll_version"])


def session_shown(row: RowMapping) -> SessionShown:
    columns = ("course", "course_title", "host_municipality", "venue", "cancelled", "trainers", "state", "roll_version")
    return SessionShown(
        id=row["session_id"],
        roll_state=row["state"],
        occasions=row["occasions"] or [],
        counts=CountsShown(**{name: row[name] for name in CountsShown.model_fields}),
        **{column: row[column] for column in columns},
    )


@router.get("/v1/sessions/{session_id}/roll")
async def show_roll(
    session_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Versioned[RollShown]:
    """Everybody on the roll with what counts for them now."""
    roll = await find_roll(unit, session_id)
    return Versioned(await roll_shown(unit, roll, language_of(request)), roll["roll_version"])
