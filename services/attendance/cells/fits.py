"""Whether minutes that a person fixes fit beside those of other sessions."""

from services.attendance.cells.overlaps import Key, stays_elsewhere
from services.attendance.cells.stays import Stay, overlap
from services.attendance.occasions.rules import Schedule
from shared.database.unit_of_work import Unit
from shared.web.problems import conflict


async def require_no_overlap(unit: Unit, key: Key, schedule: Schedule, minutes: int) -> None:
    """Raises 409 when the person cannot have attended these minutes and those recorded on other occasions."""
    if not minutes:
        return
    session_id, participant_id, occasion_id = key
    starts, ends = schedule.starts_at, schedule.ends_at
    mine = Stay(starts, ends, starts, ends, minutes, decided=True)
    there = [
        (place, theirs)
        for place, theirs in await stays_elsewhere(unit, [(session_id, participant_id)])
        if place[1] == participant_id and place[2] != occasion_id
    ]
    if overlap(mine, *(theirs for _, theirs in there)):
        place = max(there, key=lambda known: _in_the_way(mine, known[1]))[0]
        raise conflict(
            "overlapping-minutes",
            "Personen har redan minuter i ett annat kurstillfälle samtidigt. Rätta det först eller ange färre.",
            "The person already has minutes in another session at that time. Correct it first, or give fewer.",
            session_id=str(place[0]),
            occasion_id=str(place[2]),
        )


def _in_the_way(mine: Stay, other: Stay) -> tuple[bool, bool, int]:
    """How much another stay is the one to correct: it leaves no room by itself, shares the time, is long."""
    shares_time = other.occasion_starts < mine.occasion_ends and mine.occasion_starts < other.occasion_ends
    return overlap(mine, other), shares_time, other.minutes
