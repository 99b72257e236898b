"""The periodic look for what was missed: releases and lapses that are due, seats that are free while somebody waits."""

from uuid import UUID

import structlog
from sqlalchemy import text

from services.booking.allocation.act import session_act
from shared.database.errors import is_transient
from shared.database.unit_of_work import Units

log = structlog.get_logger(__name__)

# Only sessions that have not started by the real clock: what is entered afterwards settles with its own acts.
DUE = text(
    """
    SELECT s.id FROM sessions s
     WHERE s.state = 'scheduled'
       AND (s.starts_at > :now AND EXISTS (SELECT 1 FROM waiting_entries e WHERE e.session_id = s.id)
            OR s.starts_at > :now AND s.shares_release_at <= :now AND s.shares_released_at IS NULL
               AND s.seat_shares <> '{}'
            OR s.lapse_due_at <= :now AND EXISTS (
               SELECT 1 FROM reservations r WHERE r.session_id = s.id AND r.state = 'open' AND r.name_by <= :now
                  AND r.entered_at < r.name_by))
     ORDER BY s.starts_at, s.id
    """
)


async def sweep(units: Units) -> None:
    """One pass over all sessions, each in its own transaction; one that is busy is left to the next pass."""
    async with units.system() as unit:
        due = [row["id"] for row in await unit.all(DUE, {"now": unit.recorded_at})]
    for session_id in due:
        try:
            await sweep_session(units, session_id)
        except Exception as error:
            if not is_transient(error):
                raise
            log.info("sweep_left_session", session=str(session_id), error=type(error).__name__)


async def sweep_session(units: Units, session_id: UUID) -> None:
    async with units.system() as unit, session_act(unit, session_id):
        pass  # every act on a session looks for what is due and free
