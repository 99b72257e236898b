"""Whether minutes that a person fixes fit beside those of other sessions."""

from services.attendance.cells.overlaps import Key, stays_elsewhere
from services.attendance.cells.stays import Stay, overlap
from services.attendance.occasions.rules import Schedule
from shared.database.unit_of_work import Unit
from shared.web.problems import conflict


async def require_no_overlap(unit: Unit, key: Key, schedule: Schedule, minutes: int) -> None:
    """Raises 409 when the person cannot have attended these minutes and those recorded in another session."""
    if not minutes:
        return
    session_id, participant_id, _ = key
    starts, ends = schedule.starts_at, schedule.ends_at
    mine = Stay(starts, ends, starts, ends, minutes, decided=True)
    there = [
        (place, theirs)
        for place, theirs in await stays_elsewhere(unit, [session_id], [participant_id])
        if place[0] != session_id and place[1] == participant_id and theirs.minutes
    ]
    if overlap(mine, *(theirs for _, theirs in there)):
        place = max(there, key=lambda known: (overlap(mine, known[1]), known[1].minutes))[0]
        raise conflict(
            "overlapping-minutes",
            "Personen har redan minuter i ett annat kurstillfälle samtidigt. Rätta det först eller ange färre.",
            "The person already has minutes in another session at that time. Correct it first, or give fewer.",
            session_id=str(place[0]),
            occasion_id=str(place[2]),
        )
