"""Entering a placement, and changing one."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, update
from sqlmodel import col

from services.attendance.people.merged import person_of
from services.attendance.placements.bodies import PlacementBody, PlacementPatch
from services.attendance.placements.problems import SEVERAL_EMPLOYERS, UNKNOWN_PARTICIPANT
from services.attendance.placements.queries import employers_of
from services.attendance.placements.tables import Placement
from shared.database.unit_of_work import Unit
from shared.web.patching import patched
from shared.web.problems import invalid


async def place(unit: Unit, body: PlacementBody) -> dict[str, Any]:
    """Returns the row. Raises 422 for somebody whom the municipality does not employ on the first day."""
    async with unit.as_system():
        participant_id = await person_of(unit, body.participant_id)
        municipality = await _employer(unit, participant_id, body)
    row = {
        "id": unit.ids.uuid7(),
        "participant_id": participant_id,
        "municipality": municipality,
        "revision": 1,
        **_columns(body),
    }
    await unit.execute(insert(Placement), row)
    return row


async def change_placement(unit: Unit, row: RowMapping, patch: PlacementPatch) -> dict[str, Any]:
    """The row with the fields of the patch."""
    present = {
        "participant_id": row["participant_id"],
        "workplace": row["workplace"],
        "from": row["from_day"],
        "to": row["to_day"],
        "outcome": row["outcome"],
    }
    body = patched(PlacementBody, present, patch.model_dump(exclude_unset=True, by_alias=True))
    changed = {**_columns(body), "revision": row["revision"] + 1}
    await unit.execute(update(Placement).where(col(Placement.id) == row["id"]).values(**changed))
    return {**row, **changed}


async def _employer(unit: Unit, participant_id: UUID, body: PlacementBody) -> str:
    """The municipality that is asked for, or else the only one: where the person is on placement goes first."""
    known = await employers_of(unit, participant_id, body.from_)
    wanted = unit.municipality or body.municipality
    if not known or (wanted and wanted not in known):
        raise invalid(UNKNOWN_PARTICIPANT)
    if wanted is None and len(known) > 1:
        raise invalid(SEVERAL_EMPLOYERS)
    return wanted or known[0]


def _columns(body: PlacementBody) -> dict[str, Any]:
    return {"workplace": body.workplace, "from_day": body.from_, "to_day": body.to, "outcome": body.outcome}
