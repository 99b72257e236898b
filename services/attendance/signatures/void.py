"""Voiding: a signature of which any minutes have changed holds for nothing, and is asked for again."""

from collections.abc import Collection, Mapping
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from shared.contracts.signatures_v1 import SignatureVoided
from shared.database.unit_of_work import Unit
from shared.messaging.outbox import Cause

Why = Literal["corrected", "schedule-changed", "roll-changed"]

# What the rolls say now, attested or not: a roll that is open for another person's sake changes nobody else's hours.
VOID = text(
    """
    UPDATE signatures AS sig SET ended_at = :at, void_cause = :cause
      FROM (SELECT DISTINCT ON (item.signature_id) item.signature_id, item.session_id
              FROM signed_items AS item
              JOIN signatures AS own ON own.id = item.signature_id AND own.ended_at IS NULL
              LEFT JOIN merged_participants AS merged ON merged.ended = own.participant_id
              LEFT JOIN (SELECT cell.participant_id, cell.occasion_id, cell.minutes
                           FROM current_cells AS cell JOIN occasions USING (occasion_id)
                           JOIN rolls ON rolls.session_id = cell.session_id
                          WHERE cell.session_id = ANY (CAST(:sessions AS uuid[]))
                            AND NOT (cell.contested OR occasions.dropped OR rolls.cancelled)) AS now
                ON now.occasion_id = item.occasion_id
               AND now.participant_id = coalesce(merged.became, own.participant_id)
             WHERE item.session_id = ANY (CAST(:sessions AS uuid[])) AND coalesce(now.minutes, 0) <> item.minutes
             ORDER BY item.signature_id, item.session_id) AS changed
     WHERE sig.id = changed.signature_id
    RETURNING sig.participant_id, sig.month, changed.session_id
    """
)


async def void_changed(
    unit: Unit, session_ids: Collection[UUID], why: Why, causes: Mapping[UUID, Cause] | None = None
) -> None:
    """Voids the signatures whose minutes on these sessions are not what the locked rolls say now, and says so.

    `causes`: the event behind each session's change. Only in system scope.
    """
    if not session_ids:
        return
    rows = await unit.all(VOID, {"sessions": sorted(session_ids), "cause": why, "at": unit.recorded_at})
    for row in sorted(rows, key=lambda row: (str(row["participant_id"]), row["month"])):
        unit.cause = (causes or {}).get(row["session_id"], unit.cause)
        voided = SignatureVoided(month=row["month"], cause=why)
        unit.emit(voided, key=str(row["participant_id"]), occurred_at=unit.recorded_at)
