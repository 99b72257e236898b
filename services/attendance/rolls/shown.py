"""A roll as calls and pages show it: everybody on it with what counts for them now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from services.attendance.rolls.content import Content, contents_of
from services.attendance.rolls.queries import Rows
from services.attendance.rolls.registrations import CONFIRMED
from services.attendance.signatures.queries import signed_on
from shared.database.unit_of_work import Unit

Signed = Mapping[UUID, Mapping[UUID, int]]


async def roll_shown(unit: Unit, roll: RowMapping, language: str) -> RollShown:
    """The roll of a row of `rolls`."""
    return (await rolls_shown(unit, [roll], language)).rolls[0]


@dataclass(frozen=True)
class RollsShown:
    """Several rolls. `erased`: those on which somebody stands whose name was erased."""

    rolls: list[RollShown]
    erased: frozenset[UUID]


async def rolls_shown(unit: Unit, rolls: Sequence[RowMapping | Mapping[str, Any]], language: str) -> RollsShown:
    """The same of several, read together. Only of rolls that the caller may see: all that is on them is told."""
    session_ids = {roll["session_id"] for roll in rolls}
    async with unit.as_system():
        signed = await signed_on(unit, session_ids)
        found = {each: await queries.of_sessions(unit, each, session_ids) for each in queries.PARTS}
        contents = await contents_of(unit, session_ids, found[queries.MARKS])
    shown = [
        _roll(roll, contents[key], {each: rows[key] for each, rows in found.items()}, signed, language)
        for roll in rolls
        for key in [roll["session_id"]]
    ]
    people = found[queries.PEOPLE]
    return RollsShown(shown, frozenset(key for key in session_ids if any(row["erased"] for row in people[key])))


def _roll(
    roll: RowMapping | Mapping[str, Any],
    content: Content,
    found: Mapping[str, Rows],
    signed: Signed,
    language: str,
) -> RollShown:
    counted = {row["occasion_id"]: row["count"] for row in found[queries.HEAD_COUNTS]}
    return RollShown(
        session_id=roll["session_id"],
        roll_version=roll["roll_version"],
        content_hash=content.hash,
        state=roll["state"],
        sealed_hash=roll["sealed_hash"],
        occasions=[_occasion(known, counted) for known in content.occasions],
        people=_people(found, signed, language),
        walk_ins=_walk_ins(found),
        conflicts=[OpenConflictShown(**row) for row in found[queries.CONFLICTS]],
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


def _people(found: Mapping[str, Rows], signed: Signed, language: str) -> list[PersonOnRollShown]:
    marks: defaultdict[UUID, list[MarkShown]] = defaultdict(list)
    for row in found[queries.MARKS]:
        marks[row["participant_id"]].append(_mark(row))
    contested = {row["participant_id"] for row in found[queries.CONFLICTS]}
    on_roll = [row for row in found[queries.PEOPLE] if _is_on_roll(row, marks[row["participant_id"]], contested)]
    return [
        _person(row, marks[row["participant_id"]], signed.get(row["participant_id"], {}), language)
        for row in sorted(on_roll, key=by_family_name)
    ]


def _is_on_roll(row: Mapping[str, Any], marks: list[MarkShown], contested: set[UUID]) -> bool:
    if row["registration"] == CONFIRMED:
        return True
    return any(mark.minutes for mark in marks) or row["participant_id"] in contested


def _person(
    row: Mapping[str, Any], marks: list[MarkShown], signed: Mapping[UUID, int], language: str
) -> PersonOnRollShown:
    attended = [mark for mark in marks if mark.minutes] if signed else []
    return PersonOnRollShown(
        participant_id=row["participant_id"],
        name=shown_name(row, language),
        masked=row["protected"],
        municipality=row["municipality"],
        support_needs=row["needs"],
        marks=marks,
        signed=bool(attended) and all(signed.get(mark.occasion_id) == mark.minutes for mark in attended),
        registration=row["registration"],
    )


def _mark(row: Mapping[str, Any]) -> MarkShown:
    return MarkShown(**row, corrected=row["kind"] != "mark")


def _walk_ins(found: Mapping[str, Rows]) -> list[WalkInOnRollShown]:
    marks: defaultdict[UUID, list[HeldMarkShown]] = defaultdict(list)
    for row in found[queries.MARKS_OF_WALK_INS]:
        marks[row["walk_in_id"]].append(HeldMarkShown(**row))
    return [WalkInOnRollShown(**row, marks=marks[row["walk_in_id"]]) for row in found[queries.WALK_INS]]
