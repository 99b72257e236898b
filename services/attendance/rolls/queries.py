"""Reading sessions and rolls."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from shared.clock import day_end, day_start
from shared.database.unit_of_work import Unit

Rows = list[Mapping[str, Any]]

# The counts are worked out for the sessions of the page only: the page is cut first.
SESSIONS = text(
    """
    WITH page AS (
        SELECT * FROM rolls
         WHERE (CAST(:id AS uuid) IS NULL OR session_id = :id)
           AND (CAST(:begin AS timestamptz) IS NULL AND CAST(:end AS timestamptz) IS NULL OR EXISTS (
                SELECT 1 FROM occasions
                 WHERE occasions.session_id = rolls.session_id AND NOT dropped
                   AND (CAST(:begin AS timestamptz) IS NULL OR occasions.starts_at >= :begin)
                   AND (CAST(:end AS timestamptz) IS NULL OR occasions.starts_at < :end)))
           AND (CAST(:state AS text) IS NULL OR state = :state)
           AND (CAST(:to_attest_at AS timestamptz) IS NULL
                OR state <> 'attested' AND NOT cancelled AND ends_at <= :to_attest_at)
           AND (CAST(:after_at AS timestamptz) IS NULL OR (starts_at, session_id) > (:after_at, CAST(:after_id AS
           uuid)))
         ORDER BY starts_at, session_id LIMIT :limit
    )
    SELECT page.*,
           (SELECT count(*) FROM roll_people e WHERE e.session_id = page.session_id AND registration = 'confirmed')
               AS people,
           (SELECT count(*) FROM current_cells c WHERE c.session_id = page.session_id AND status = 'present')
               AS present,
           (SELECT count(*) FROM current_cells c WHERE c.session_id = page.session_id AND status = 'absent') AS absent,
           (SELECT count(*) FROM roll_people e JOIN occasions o USING (session_id)
             WHERE e.session_id = page.session_id AND registration = 'confirmed' AND NOT after_seal AND NOT dropped
               AND NOT EXISTS (
                   SELECT 1 FROM current_cells c WHERE c.session_id = e.session_id
                      AND c.participant_id = e.participant_id AND c.occasion_id = o.occasion_id)) AS unmarked,
           (SELECT coalesce(sum(minutes), 0) FROM current_cells c WHERE c.session_id = page.session_id) AS minutes,
           (SELECT count(*) FROM current_marks m WHERE m.session_id = page.session_id AND standing = 'held') AS held,
           (SELECT count(*) FROM conflicts f WHERE f.session_id = page.session_id AND resolved_at IS NULL) AS conflicts,
           (SELECT json_agg(json_build_object('occasion_id', occasion_id, 'starts_at', o.starts_at,
                                              'ends_at', o.ends_at, 'break_minutes', break_minutes)
                            ORDER BY o.starts_at, occasion_id)
              FROM occasions o WHERE o.session_id = page.session_id AND NOT dropped) AS occasions
      FROM page ORDER BY starts_at, session_id
    """
)
PEOPLE = """
    SELECT person.session_id, person.participant_id, person.registration, person.municipality, person.given_name,
           person.family_name, person.protected, person.erased, coalesce(support.needs, '{}') AS needs
      FROM people_on_rolls AS person LEFT JOIN support_needs AS support USING (registration_id)
     WHERE person.session_id = ANY ($1)
"""
MARKS = """
    SELECT cell.session_id, cell.participant_id, cell.occasion_id, cell.status, cell.minutes, cell.scheduled_minutes,
           cell.absence_reason, mark.mark_id, mark.source, mark.marked_at, mark.kind
      FROM current_cells AS cell JOIN marks AS mark USING (mark_id)
      JOIN occasions AS occasion ON occasion.occasion_id = cell.occasion_id
     WHERE cell.session_id = ANY ($1) AND NOT contested AND NOT occasion.dropped
"""
CONFLICTS = """
    SELECT session_id, id, participant_id, occasion_id FROM current_conflicts
     WHERE session_id = ANY ($1) AND resolved_at IS NULL ORDER BY id
"""
HEAD_COUNTS = """
    SELECT DISTINCT ON (occasion_id) session_id, occasion_id, count FROM head_counts WHERE session_id = ANY ($1)
     ORDER BY occasion_id, recorded_at DESC, id DESC
"""
# Who came and was not identified yet: taken in here, or known by marks alone.
WALK_INS = """
    SELECT session_id, walk_in_id, max(municipality) AS municipality, min(at) AS came_at
      FROM (SELECT session_id, walk_in_id, municipality, recorded_at AS at FROM walk_ins WHERE session_id = ANY ($1)
             UNION ALL
            SELECT session_id, walk_in_id, NULL, marked_at FROM current_marks
             WHERE session_id = ANY ($1) AND standing = 'held' AND walk_in_id IS NOT NULL) AS known
     WHERE NOT EXISTS (SELECT FROM walk_in_links AS link WHERE link.walk_in_id = known.walk_in_id)
     GROUP BY session_id, walk_in_id ORDER BY came_at, walk_in_id
"""
MARKS_OF_WALK_INS = """
    SELECT DISTINCT ON (session_id, walk_in_id, occasion_id)
           session_id, walk_in_id, occasion_id, status, minutes, marked_at, mark_id
      FROM current_marks WHERE session_id = ANY ($1) AND standing = 'held' AND walk_in_id IS NOT NULL
     ORDER BY session_id, walk_in_id, occasion_id, marked_at DESC, mark_id DESC
"""
PARTS = (PEOPLE, MARKS, CONFLICTS, HEAD_COUNTS, WALK_INS, MARKS_OF_WALK_INS)
"""What a roll shows besides its content, one after the other: the rows of each name their session."""


async def sessions(
    unit: Unit,
    *,
    from_: date | None = None,
    to: date | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 1,
    session_id: UUID | None = None,
    state: str | None = None,
    to_attest_at: datetime | None = None,
) -> Sequence[RowMapping]:
    """Sessions with an occasion on the days given (local, inclusive), in order of their first occasion.

    `to_attest_at`: only those that are over by then and wait to be attested.
    """
    return await unit.all(
        SESSIONS,
        {
            "id": session_id,
            "state": state,
            "to_attest_at": to_attest_at,
            "begin": day_start(from_) if from_ else None,
            "end": day_end(to) if to else None,
            "after_at": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
        },
    )


async def of_sessions(unit: Unit, statement: str, session_ids: Collection[UUID]) -> defaultdict[UUID, Rows]:
    """The rows that one of the statements above finds for sessions, by session."""
    found: defaultdict[UUID, Rows] = defaultdict(list)
    for row in await unit.fetch(statement, sorted(session_ids)):
        found[row["session_id"]].append(row)
    return found
