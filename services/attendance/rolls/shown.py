"""A roll as calls and pages show it: everybody on it with what counts for them now."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from services.attendance.occasions.queries import OccasionOnRoll
from services.attendance.people.names import by_family_name, shown_name
from services.attendance.rolls import queries
from services.attendance.rolls.bodies import (
    HeldMarkShown,
    MarkShown,
    OccasionOnRollShown,
    OpenConflictShown,
    PersonOnRollShown,
    RollShown,
    WalkInOnRollShown,
)
from services.attendance.rolls.content import content_of
from services.attendance.rolls.registrations import CONFIRMED
from services.attendance.signatures.queries import signed_on
from shared.database.unit_of_work import Unit


async def roll_shown(unit: Unit, roll: RowMapping, language: str) -> RollShown:
    """The roll of a row of `rolls`."""
    session_id = roll["session_id"]
    content = await content_of(unit, session_id)
    head_counts = await queries.of_session(unit, queries.HEAD_COUNTS, session_id)
    counted = {row["occasion_id"]: row["count"] for row in head_counts}
    return RollShown(
        session_id=session_id,
        roll_version=roll["roll_version"],
        content_hash=content.hash,
        state=roll["state"],
        sealed_hash=roll["sealed_hash"],
        occasions=[_occasion(known, counted) for known in content.occasions],
        people=await _people(unit, session_id, language),
        walk_ins=await _walk_ins(unit, session_id),
        conflicts=[OpenConflictShown(**row) for row in await queries.of_session(unit, queries.CONFLICTS, session_id)],
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


async def _walk_ins(unit: Unit, session_id: UUID) -> list[WalkInOnRollShown]:
    marks: dict[UUID, list[HeldMarkShown]] = {}
    for row in await queries.of_session(unit, queries.MARKS_OF_WALK_INS, session_id):
        marks.setdefault(row["walk_in_id"], []).append(HeldMarkShown(**row))
    rows = await queries.of_session(unit, queries.WALK_INS, session_id)
    return [WalkInOnRollShown(**row, marks=marks.get(row["walk_in_id"], [])) for row in rows]
