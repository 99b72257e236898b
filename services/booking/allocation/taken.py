"""The seats that are taken: confirmed registrations, and those held by a reservation."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shared.database.unit_of_work import Unit


def seats_of(session: str, at: str) -> str:
    """The statement that counts a session's seats by `what` (confirmed, waitlisted, held) and municipality.

    `session` and `at` are expressions of SQL. A reservation holds until its deadline; one that was entered after its
    own deadline until an act of a later time (`due`).
    """
    return """
        SELECT status AS what, municipality, count(*) AS seats FROM registrations
         WHERE session_id = SESSION AND status IN ('confirmed', 'waitlisted') GROUP BY status, municipality
        UNION ALL
        SELECT 'held', municipality, seats - named FROM reservations
         WHERE session_id = SESSION AND state = 'open' AND (name_by > MOMENT OR entered_at >= name_by)
    """.replace("SESSION", session).replace("MOMENT", at)


TAKEN = text(
    "SELECT municipality, seats FROM (SEATS) AS kind WHERE what <> 'waitlisted'".replace(
        "SEATS", seats_of(":session", ":at")
    )
)


async def seats_taken(unit: Unit, session_id: UUID, at: datetime) -> dict[str, int]:
    """Seats taken at a moment per municipality. Only in system scope, with the session locked."""
    rows = await unit.all(TAKEN, {"session": session_id, "at": at})
    return by_municipality((row["municipality"], row["seats"]) for row in rows)


def by_municipality(counts: Iterable[Sequence[Any]]) -> dict[str, int]:
    """Municipality and number, each possibly several times, added up."""
    total: Counter[str] = Counter()
    for municipality, seats in counts:
        total[municipality] += seats
    return dict(total)
