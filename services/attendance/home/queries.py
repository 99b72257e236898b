"""What waits for somebody to do on rolls, in the caller's scope."""

from sqlalchemy import RowMapping, text

from shared.database.unit_of_work import Unit

MOST = 50
WAITING = text(
    """
    SELECT (SELECT count(*) FROM conflicts WHERE resolved_at IS NULL) AS conflicts,
           (SELECT count(*) FROM rolls
             WHERE state <> 'attested' AND NOT cancelled AND ends_at <= :now) AS to_attest,
           (SELECT count(*) FROM current_marks JOIN rolls USING (session_id)
             WHERE standing = 'held' AND NOT cancelled) AS held
    """
)


async def waiting(unit: Unit) -> RowMapping:
    """How many conflicts, rolls to attest, and marks without a person."""
    return await unit.one(WAITING, {"now": unit.recorded_at})
