"""Whom there are certificates for."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from shared.clock import day_start
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page

# Who was shown last is found again by ids: no name stands in an address.
CERTIFIED = text(
    """
    WITH found AS (
    SELECT line.session_id, line.participant_id, min(line.course_title) AS course_title,
           min(line.starts_at) AS starts_at, sum(line.minutes) AS minutes, bool_or(entry.protected) AS protected,
           coalesce(min(entry.given_name), '') AS given_name, coalesce(min(entry.family_name), '') AS family_name,
           min(entry.family_name) IS NULL AS nameless
      FROM attested_lines AS line JOIN people_on_rolls AS entry USING (session_id, participant_id)
     WHERE line.session_id = ANY (ARRAY(
           SELECT session_id FROM occasions WHERE starts_at >= :begin AND starts_at < :end AND NOT dropped))
       AND (CAST(:municipality AS text) IS NULL OR entry.municipality = :municipality)
       AND (:q = '' OR NOT entry.protected AND (starts_with(lower(entry.given_name), :q)
                                                OR starts_with(lower(entry.family_name), :q)))
     GROUP BY line.session_id, line.participant_id
    ), last AS (SELECT * FROM found WHERE session_id = :session AND participant_id = :person)
    SELECT found.*, (SELECT count(*) FROM found) AS of_all
      FROM found LEFT JOIN last ON true
     WHERE last.session_id IS NULL OR found.starts_at < last.starts_at
        OR (found.starts_at = last.starts_at
            AND (found.nameless, found.family_name, found.given_name, found.participant_id, found.session_id)
              > (last.nameless, last.family_name, last.given_name, last.participant_id, last.session_id))
     ORDER BY found.starts_at DESC, found.nameless, found.family_name, found.given_name, found.participant_id,
              found.session_id LIMIT :most
    """
)


async def certified(unit: Unit, first: date, after: date, q: str, page: Page) -> Sequence[RowMapping]:
    """Who has attested hours on sessions of some days, of the caller's municipality; names begin with `q`. `of_all`:
    how many there are on all pages.
    """
    session, person = page.key(UUID, UUID) or (None, None)
    asked: dict[str, Any] = {"begin": day_start(first), "end": day_start(after), "q": q, "most": page.fetch}
    asked |= {"session": session, "person": person}
    async with unit.as_system():
        return await unit.all(CERTIFIED, {**asked, "municipality": unit.municipality})
