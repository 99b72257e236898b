"""Two participants are found to be one: on rolls that are not sealed they become one line."""

from collections.abc import Sequence

from sqlalchemy import text

from services.attendance.cells.settle import key_of, settle
from services.attendance.cells.versions import raise_versions
from services.attendance.people.merged import note_merge
from services.attendance.rolls.follow_bookings import Batch, release_held
from services.attendance.rolls.lock import ATTESTED, lock_rolls
from services.attendance.rolls.registrations import KNOWN_TO_THE_ROLL
from shared.contracts.participants_v1 import ParticipantsMerged
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event

STANDING = text(
    """
    SELECT session_id, participant_id, registration FROM roll_people
     WHERE participant_id = ANY (CAST(:people AS uuid[])) AND session_id = ANY (ARRAY(
           SELECT session_id FROM roll_entries
            WHERE participant_id = ANY (CAST(:people AS uuid[])) OR participant_id = ANY (ARRAY(
                  SELECT ended FROM merged_participants WHERE became = ANY (CAST(:people AS uuid[]))))))
    """
)
CELLS = text(
    "SELECT session_id, participant_id, occasion_id FROM current_cells "
    "WHERE session_id = ANY (CAST(:sessions AS uuid[])) AND participant_id = ANY (CAST(:people AS uuid[]))"
)


async def follow_merges(unit: Unit, events: Sequence[Event]) -> None:
    """Applies the merges of a batch.

    What waited for the one is released to the other, and their marks are weighed together. A sealed roll stays.
    """
    merges = {event.data: event for event in events if isinstance(event.data, ParticipantsMerged)}
    if not merges:
        return
    people = {await note_merge(unit, merged.participant_id, merged.into) for merged in merges}
    standing = await unit.all(STANDING, {"people": sorted(people)})
    rolls = await lock_rolls(unit, {row["session_id"] for row in standing})
    cause = list(merges.values())[-1].cause
    sealed = {session_id for session_id, roll in rolls.items() if roll["state"] == ATTESTED}
    batch = Batch(unit, rolls, dict.fromkeys(rolls, cause), sealed)
    known = {(row["session_id"], row["participant_id"]) for row in standing if row["registration"] in KNOWN_TO_THE_ROLL}
    released = await release_held(batch, known)
    unsealed = sorted(set(rolls) - batch.sealed)
    cells = await unit.all(CELLS, {"sessions": unsealed, "people": sorted(people)})
    await settle(unit, released | {key_of(row) for row in cells}, batch.versions, batch.causes)
    await raise_versions(unit, unsealed)
