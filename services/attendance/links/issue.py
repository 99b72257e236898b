"""Making a link for somebody. Its token is known until the mail has been written, and then to the mailbox alone."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import insert, text

from services.attendance.links.tables import Link
from services.attendance.people.contacts import Contact
from shared.database.unit_of_work import Unit
from shared.security.links import digest_of, new_token
from shared.web.problems import FieldError, invalid

LONGEST: Final = timedelta(days=90)
LIVE = text(
    """
    SELECT coalesce(merged.became, link.participant_id) AS person
      FROM links AS link LEFT JOIN merged_participants AS merged ON merged.ended = link.participant_id
     WHERE link.revoked_at IS NULL AND link.expires_at > :now
       AND link.participant_id = ANY (ARRAY(
               SELECT unnest(CAST(:people AS uuid[]))
               UNION SELECT ended FROM merged_participants WHERE became = ANY (CAST(:people AS uuid[]))))
    """
)
PAST = FieldError(
    "/expires_at", "in-the-past", "Ange en tid som inte har passerat.", "Give a time that has not passed."
)
TOO_LATE = FieldError(
    "/expires_at", "too-late", "En länk gäller i högst 90 dagar.", "A link is valid for at most 90 days."
)


async def issue_link(unit: Unit, contact: Contact, expires_at: datetime | None = None) -> tuple[UUID, str, datetime]:
    """Stores a new link. Returns its id, its token and its end. Raises 422 for an end that no link can have."""
    until = expires_at or unit.recorded_at + LONGEST
    if until <= unit.recorded_at:
        raise invalid(PAST)
    if until > unit.recorded_at + LONGEST:
        raise invalid(TOO_LATE)
    link_id, token = unit.ids.uuid7(), new_token()
    row = {
        "id": link_id,
        "participant_id": contact.participant_id,
        "employment_id": contact.employment_id,
        "digest": digest_of(token),
        "made_at": unit.recorded_at,
        "made_by": unit.actor,
        "expires_at": until,
    }
    async with unit.as_system():
        await unit.execute(insert(Link), row)
    return link_id, token, until


async def with_live_link(unit: Unit, people: Collection[UUID]) -> set[UUID]:
    """Those of the people one of whose links still leads somewhere. Only in system scope."""
    if not people:
        return set()
    return {row["person"] for row in await unit.all(LIVE, {"people": list(people), "now": unit.recorded_at})}
