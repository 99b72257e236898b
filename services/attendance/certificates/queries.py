"""Whom there are certificates for."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import RowMapping, text

from shared.clock import day_start
from shared.database.unit_of_work import Unit

MOST = 500
CERTIFIED = text(
    """
    SELECT line.session_id, line.participant_id, min(line.course_title) AS course_title,
           min(line.starts_at) AS starts_at, sum(line.minutes) AS minutes, bool_or(entry.protected) AS protected,
           min(entry.given_name) AS given_name, min(entry.family_name) AS family_name
      FROM attested_lines AS line JOIN people_on_rolls AS entry USING (session_id, participant_id)
     WHERE line.session_id = ANY (ARRAY(
           SELECT session_id FROM occasions WHERE starts_at >= :begin AND starts_at < :end AND NOT dropped))
       AND (CAST(:municipality AS text) IS NULL OR entry.municipality = :municipality)
       AND (:q = '' OR NOT entry.protected AND (starts_with(lower(entry.given_name), :q)
                                                OR starts_with(lower(entry.family_name), :q)))
     GROUP BY line.session_id, line.participant_id
     ORDER BY starts_at DESC, family_name, given_name, line.participant_id LIMIT :most
    """
)


async def certified(unit: Unit, first: date, after: date, q: str) -> Sequence[RowMapping]:
    """Who has attested hours on sessions of some days, of the caller's municipality; names begin with `q`."""
    asked = {"begin": day_start(first), "end": day_start(after), "q": q, "most": MOST}
    async with unit.as_system():
        return await unit.all(CERTIFIED, {**asked, "municipality": unit.municipality})
