"""The sessions of a period as the office looks over them: what may go wrong with each."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text

from shared.database.unit_of_work import Unit

MOST = 500
PLANNED = text(
    """
    SELECT s.id, s.starts_at, s.ends_at, s.state, c.title, s.venue, s.host_municipality, s.capacity, s.min_participants,
           count(r.id) FILTER (WHERE r.status = 'confirmed') AS people,
           count(r.id) FILTER (WHERE r.status = 'waitlisted') AS waiting,
           s.state = 'scheduled'
               AND NOT EXISTS (SELECT 1 FROM session_trainers t WHERE t.session_id = s.id) AS without_trainer,
           s.state = 'scheduled'
               AND count(r.id) FILTER (WHERE r.status = 'confirmed') < s.min_participants AS too_few
      FROM sessions s
      JOIN courses c ON c.code = s.course
      LEFT JOIN registrations r ON r.session_id = s.id AND r.status IN ('confirmed', 'waitlisted')
     WHERE s.ends_at > :first AND s.starts_at < :last AND (CAST(:course AS text) IS NULL OR s.course = :course)
     GROUP BY s.id, c.title ORDER BY s.starts_at, s.id LIMIT :most
    """
)


async def planned(unit: Unit, first: datetime, last: datetime, course: str | None = None) -> Sequence[RowMapping]:
    """The sessions between two times, cancelled ones too, in order of their start."""
    return await unit.all(PLANNED, {"first": first, "last": last, "course": course, "most": MOST})
