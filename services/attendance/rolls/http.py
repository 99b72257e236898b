"""Sessions and their rolls, for trainers (own sessions) and coordinators."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import RowMapping
from starlette.requests import Request

from services.attendance.rolls import queries
from services.attendance.rolls.bodies import CountsShown, RollShown, SessionShown
from services.attendance.rolls.lock import find_roll
from services.attendance.rolls.problems import unknown_session
from services.attendance.rolls.registrations import CONFIRMED
from services.attendance.rolls.shown import roll_shown
from services.attendance.signatures.queries import signed_on
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
    content = await content_of(unit, session_id)
    head_counts = await queries.of_session(unit, queries.HEAD_COUNTS, session_id)
    counted = {row["occasion_id"]: row["count"] for row in head_counts}
    return Versioned(
        RollShown(
            session_id=session_id,
            roll_version=roll["roll_version"],
            content_hash=content.hash,
            state=roll["state"],
            sealed_hash=roll["sealed_hash"],
            occasions=[_occasion(known, counted) for known in content.occasions],
            people=await _people(unit, session_id, language_of(request)),
            conflicts=[
                OpenConflictShown(**row) for row in await queries.of_session(unit, queries.CONFLICTS, session_id)
            ],
        ),
        roll["roll_version"],
    )


def _occasion(known: OccasionOnRoll, counted: dict[UUID, int]) -> OccasionOnRollShown:
    schedule = known.schedule
    return OccasionOnRollShown(
        occasion_id=schedule.occasion_id,
        starts_at=schedule.starts_at,
        ends_at=schedule.ends_at,
        break_minutes=schedule.break_minutes,
        scheduled_minutes=schedule.scheduled_minutes,
        head_count=counted.get(schedule.occasion_id),
    )


async def _people(unit: Unit, session_id: UUID, language: str) -> list[PersonOnRollShown]:
    marks: dict[UUID, list[MarkShown]] = {}
    for row in await queries.of_session(unit, queries.MARKS, session_id):
        marks.setdefault(row["participant_id"], []).append(_mark(row))
    signed = await signed_on(unit, session_id)
    contested = {row["participant_id"] for row in await queries.of_session(unit, queries.CONFLICTS, session_id)}
    rows = await queries.of_session(unit, queries.PEOPLE, session_id)
    on_roll = [row for row in rows if _is_on_roll(row, marks.get(row["participant_id"], []), contested)]
    return [
        _person(row, marks.get(row["participant_id"], []), signed.get(row["participant_id"], {}), language)
        for row in sorted(on_roll, key=lambda row: by_family_name(dict(row)))
    ]


def _is_on_roll(row: RowMapping, marks: list[MarkShown], contested: set[UUID]) -> bool:
    attended = any(mark.minutes for mark in marks) or row["participant_id"] in contested
    return bool(row["registration"] == CONFIRMED or attended)


def _person(row: RowMapping, marks: list[MarkShown], signed: Mapping[UUID, int], language: str) -> PersonOnRollShown:
    attended = [mark for mark in marks if mark.minutes]
    return PersonOnRollShown(
        participant_id=row["participant_id"],
        name=shown_name(dict(row), language),
        masked=row["protected"],
        municipality=row["municipality"],
        support_needs=row["needs"],
        marks=marks,
        signed=bool(attended) and all(signed.get(mark.occasion_id) == mark.minutes for mark in attended),
        registration=row["registration"],
    )


def _mark(row: RowMapping) -> MarkShown:
    columns: dict[str, Any] = {name: row[name] for name in MarkShown.model_fields if name != "corrected"}
    return MarkShown(**columns, corrected=row["kind"] != "mark")
    return Versioned(await roll_shown(unit, roll, language_of(request)), roll["roll_version"])
