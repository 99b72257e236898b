"""What pages show beside a roll."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import col
from starlette.requests import Request

from services.attendance.cells.rules import Refusal
from services.attendance.marks.problems import problem_of
from services.attendance.marks.queries import refused_of
from services.attendance.people.tables import TrainerContact
from services.attendance.rolls.bodies import RollShown, SessionShown
from services.attendance.rolls.http import show_roll, show_session
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.web.problems import language_of

MOST_REFUSED = 200


async def session_and_roll(unit: Unit, request: Request, session_id: UUID) -> tuple[SessionShown, RollShown]:
    """A session with its roll. Raises 404."""
    session = (await show_session(session_id, unit)).value
    return session, (await show_roll(session_id, request, unit)).value


async def trainer_names(unit: Unit, trainers: Collection[UUID]) -> list[tuple[UUID, str]]:
    """The trainers of a roll that the caller sees, with what they are called, to a colleague too; the id where the name
    has not arrived.
    """
    async with unit.as_system():
        rows = await unit.all(select(TrainerContact).where(among(col(TrainerContact.trainer_id), trainers)))
    names = {row["trainer_id"]: row["name"] for row in rows}
    return [(trainer, names.get(trainer) or str(trainer)) for trainer in trainers]


async def refusals(unit: Unit, request: Request, session_id: UUID) -> list[dict[str, Any]]:
    """The refused marks of a session with whom they were about and why, in words."""
    rows = await refused_of(unit, session_id, after=None, limit=MOST_REFUSED)
    language = language_of(request)
    return [_refusal(row, language) for row in rows]


def _refusal(row: RowMapping, language: str) -> dict[str, Any]:
    content = row["content"] if isinstance(row["content"], dict) else {}
    why = problem_of(Refusal(row["problem"]))
    return {
        "participant_id": str(content.get("participant_id")),
        "status": content.get("status"),
        "why": why.sv if language == "sv" else why.en,
        "received_at": row["received_at"],
        "device_id": row["device_id"],
    }


def of_people(rows: Sequence[dict[str, Any]], people: Collection[str]) -> tuple[dict[str, list[Any]], list[Any]]:
    """What was refused by person, and what belongs to nobody on the roll."""
    by_person: dict[str, list[Any]] = {}
    for row in rows:
        if row["participant_id"] in people:
            by_person.setdefault(row["participant_id"], []).append(row)
    return by_person, [row for row in rows if row["participant_id"] not in people]
