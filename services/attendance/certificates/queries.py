"""Whom there are certificates for."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from shared.clock import day_start
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page

# Who was shown last is found again by ids: no name stands in an address. The planner expects one line, whatever the
# month: `FULL` is a join that it never makes row by row, and what is materialized is not worked out for each row.
CERTIFIED = text(
    """
    WITH held AS MATERIALIZED (
        SELECT array_agg(session_id) AS ids FROM occasions
         WHERE starts_at >= :begin AND starts_at < :end AND NOT dropped
    ), line AS MATERIALIZED (
        SELECT session_id, participant_id, min(course_title) AS course_title, min(starts_at) AS starts_at,
               sum(minutes) AS minutes
          FROM attested_lines WHERE session_id = ANY ((SELECT ids FROM held)::uuid[])
         GROUP BY session_id, participant_id
    ), entry AS MATERIALIZED (
        SELECT session_id, participant_id, protected, coalesce(given_name, '') AS given_name,
               coalesce(family_name, '') AS family_name, family_name IS NULL AS nameless
          FROM people_on_rolls
         WHERE session_id = ANY ((SELECT ids FROM held)::uuid[])
           AND (CAST(:municipality AS text) IS NULL OR municipality = :municipality)
           AND (:q = '' OR NOT protected AND (starts_with(lower(given_name), :q)
                                              OR starts_with(lower(family_name), :q)))
    ), either AS MATERIALIZED (
        SELECT * FROM line FULL JOIN entry USING (session_id, participant_id)
    ), found AS (
        SELECT * FROM either WHERE minutes IS NOT NULL AND protected IS NOT NULL
    ), last AS MATERIALIZED (
        SELECT * FROM found WHERE session_id = :session AND participant_id = :person
    )
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
