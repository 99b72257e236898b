"""Whether a hash on paper is that of a certificate which was issued and still holds: yes or no, nothing else."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.attendance.certificates.rules import still_holds
from services.attendance.certificates.tables import CertificateRow
from shared.database.unit_of_work import Unit

# What was sealed last, also while the roll is open again for somebody else's sake.
SEALED = text(
    """
    SELECT CAST(line ->> 'occasion_id' AS uuid) AS occasion_id, CAST(line ->> 'minutes' AS integer) AS minutes
      FROM (SELECT content FROM seals WHERE session_id = :session ORDER BY roll_version DESC LIMIT 1) AS seal
      CROSS JOIN LATERAL jsonb_array_elements(seal.content -> 'lines') AS line
      LEFT JOIN merged_participants AS merged ON merged.ended = CAST(line ->> 'participant_id' AS uuid)
      LEFT JOIN merged_participants AS own ON own.ended = :person
     WHERE coalesce(merged.became, CAST(line ->> 'participant_id' AS uuid)) = coalesce(own.became, :person)
       AND CAST(line ->> 'minutes' AS integer) > 0
    """
)
CANCELLED = text("SELECT cancelled FROM rolls WHERE session_id = :session")


async def is_known(unit: Unit, digest: str) -> bool:
    """Whether a certificate with this hash was issued, and what it states is still what was attested."""
    async with unit.as_system():
        issued = await unit.one_or_none(select(CertificateRow).where(col(CertificateRow.hash) == digest))
        if issued is None or await unit.scalar(CANCELLED, {"session": issued["session_id"]}):
            return False
        return still_holds(issued["statement"], await _attended(unit, issued))


async def _attended(unit: Unit, issued: RowMapping) -> Mapping[UUID, int]:
    rows = await unit.all(SEALED, {"session": issued["session_id"], "person": issued["participant_id"]})
    return {row["occasion_id"]: row["minutes"] for row in rows}
