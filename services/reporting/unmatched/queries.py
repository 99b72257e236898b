"""Facts that wait for their counterpart, and hours that no employment in force can be credited with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from services.reporting.figures.asking import Question, Statement, ask, counting
from services.reporting.figures.basis import UNMATCHED, basis
from shared.database.unit_of_work import Unit

_EXPRESSIONS: Final = [
    *basis("attested"),
    f"""
        unplaced AS (
            SELECT CASE WHEN one.session_id IS NULL THEN 'session-unknown'
                        WHEN occasion.occasion_id IS NULL THEN 'occasion-unknown'
                        ELSE 'session-cancelled' END AS reason,
                   roll.session_id, coalesce(remains, participant_id) AS person, sealed.occasion_id,
                   CASE WHEN one.session_id IS NOT NULL THEN occasion.day END AS day, sealed.minutes
              FROM {{at}}.rolls AS roll JOIN {{at}}.roll_lines AS sealed ON sealed.event_id = roll.event_id
              LEFT JOIN session AS one ON one.session_id = roll.session_id
              LEFT JOIN {{at}}.occasions AS occasion
                   ON occasion.session_id = roll.session_id AND occasion.occasion_id = sealed.occasion_id
              LEFT JOIN merged ON ended = participant_id
             WHERE roll.attested AND sealed.minutes > 0
               AND (one.session_id IS NULL OR occasion.occasion_id IS NULL OR one.cancelled)
            UNION ALL
            SELECT CASE WHEN person IN (SELECT person FROM known) THEN 'no-employment' ELSE 'person-unknown' END,
                   session_id, person, occasion_id, day, minutes
              FROM credited WHERE municipality = '{UNMATCHED}'
        )""",
]
_SUM: Final = Statement(_EXPRESSIONS, "SELECT count(*) AS rows, coalesce(sum(minutes), 0) AS minutes FROM unplaced")
_UNMATCHED: Final = Statement(
    _EXPRESSIONS,
    """
    SELECT reason, CAST(session_id AS text) AS session_id, CAST(person AS text) AS participant_id,
           CAST(occasion_id AS text) AS occasion_id, day, minutes
      FROM unplaced
     WHERE CAST(:reason AS text) IS NULL
        OR (reason, CAST(session_id AS text), CAST(person AS text), CAST(occasion_id AS text))
           > (CAST(:reason AS text), CAST(:session_id AS text), CAST(:person AS text), CAST(:occasion_id AS text))
     ORDER BY 1, 2, 3, 4, 5, 6 LIMIT :fetch
    """,
)


async def unmatched(unit: Unit, after: Sequence[str] | None, fetch: int) -> list[dict[str, Any]]:
    """Attested minutes that are not counted, or not credited to an employer, and why; in a stable order."""
    names = ("reason", "session_id", "person", "occasion_id")
    begin = dict(zip(names, after or (None,) * len(names), strict=True))
    return await ask(unit, await counting(unit), _UNMATCHED, Question(), **begin, fetch=fetch)


async def unmatched_sum(unit: Unit) -> dict[str, Any]:
    """How many there are, and how many minutes they come to."""
    [found] = await ask(unit, await counting(unit), _SUM, Question())
    return found
