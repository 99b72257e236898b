"""The project's settings from the catalogue.

Other rules for breaks change minutes, so unsealed rolls are recomputed.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from services.attendance.cells.overlaps import Key
from services.attendance.cells.settle import settle
from services.attendance.cells.versions import raise_versions
from services.attendance.project.queries import settings
from services.attendance.project.rules import Settings
from services.attendance.project.tables import THE_ONE, ProjectSettings
from services.attendance.rolls.lock import ATTESTED, lock_rolls
from shared.contracts.catalogue_v1 import ProjectChanged
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event

THAT_CHANGE_ROLLS = ("breaks", "illness_neutral")
ROLLS = text("SELECT session_id FROM rolls")
MARKED = text("SELECT DISTINCT session_id FROM cells")
CELLS = text(
    "SELECT session_id, participant_id, occasion_id FROM current_cells "
    "WHERE session_id = ANY (CAST(:sessions AS uuid[]))"
)


async def follow_project(unit: Unit, events: Sequence[Event]) -> None:
    """Applies the newest state of the project."""
    changes = [event for event in events if isinstance(event.data, ProjectChanged)]
    if not changes:
        return
    newest = max(changes, key=lambda event: event.sequence)
    unit.cause = newest.cause
    before = await settings(unit)
    await _keep(unit, newest)
    after = await settings(unit)
    if any(_differs(before, after, key) for key in THAT_CHANGE_ROLLS):
        await _settle_again(unit)


def _differs(before: Settings, after: Settings, key: str) -> bool:
    return before.history(key) != after.history(key)


async def _keep(unit: Unit, event: Event) -> None:
    assert isinstance(event.data, ProjectChanged)
    stored: list[dict[str, Any]] = [setting.model_dump(mode="json") for setting in event.data.settings]
    statement = insert(ProjectSettings).values(id=THE_ONE, settings=stored, sequence=event.sequence)
    await unit.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={"settings": statement.excluded.settings, "sequence": statement.excluded.sequence},
            where=statement.excluded.sequence > ProjectSettings.__table__.c.sequence,  # type: ignore[attr-defined]
        )
    )


async def _settle_again(unit: Unit) -> None:
    """What is sealed keeps its minutes; its roll shows that it says something else now (excuses).

    All rolls are taken first: one whose first marks are under way is worked out by the rules of before.
    """
    rolls = await lock_rolls(unit, [row["session_id"] for row in await unit.all(ROLLS)])
    marked = {row["session_id"] for row in await unit.all(MARKED)} & rolls.keys()
    unsealed = [session_id for session_id in marked if rolls[session_id]["state"] != ATTESTED]
    keys: set[Key] = {
        (row["session_id"], row["participant_id"], row["occasion_id"])
        for row in await unit.all(CELLS, {"sessions": sorted(unsealed)})
    }
    await settle(unit, keys, {session_id: roll["roll_version"] + 1 for session_id, roll in rolls.items()})
    await raise_versions(unit, marked)
