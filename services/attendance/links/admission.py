"""The way in by a personal link: its token is the last part of the address, and says who asks."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from starlette.requests import Request

from shared.database.unit_of_work import Unit
from shared.security.links import digest_of
from shared.web.admission import Guest
from shared.web.problems import Problem

BY_DIGEST = text(
    """
    SELECT link.*, merged.became FROM links AS link
      LEFT JOIN merged_participants AS merged ON merged.ended = link.participant_id
     WHERE link.digest = :digest AND link.revoked_at IS NULL
       AND NOT EXISTS (SELECT FROM people
                        WHERE erased AND participant_id = coalesce(merged.became, link.participant_id))
    """
)


@dataclass(frozen=True, kw_only=True)
class Holder(Guest):
    """Whoever holds a participant's link. Has no scope of its own: it is asked for one person's rows, by name."""

    link_id: UUID
    participant_id: UUID
    employment_id: UUID | None
    expires_at: datetime


async def by_own_link(request: Request) -> Holder:
    """The holder of the link of the address. Raises 404 for one that is unknown, revoked or of somebody erased, 410 for
    one that has expired.
    """
    async with request.app.state.units.system() as unit:
        return await holder_of(unit, request.path_params["token"])


async def holder_of(unit: Unit, token: str) -> Holder:
    """Who holds the link with a token. Raises as `by_own_link`. Only in system scope."""
    row = await unit.found(BY_DIGEST, {"digest": digest_of(token)}, missing=_link_unknown())
    if row["expires_at"] <= unit.recorded_at:
        raise Problem(
            "link-expired",
            410,
            "Länken gäller inte längre. Be projektkontoret om en ny, eller vänta på nästa mejl.",
            "This link is no longer valid. Ask the project office for a new one, or wait for the next mail.",
        )
    return Holder(
        subject=f"link/{row['id']}",
        name="",
        roles=frozenset(),
        link_id=row["id"],
        participant_id=row["became"] or row["participant_id"],
        employment_id=row["employment_id"],
        expires_at=row["expires_at"],
    )


def _link_unknown() -> Problem:
    """404: never given, revoked, or of somebody erased."""
    return Problem(
        "not-found",
        404,
        "Länken fungerar inte. Öppna länken i det senaste mejlet, eller be projektkontoret om en ny.",
        "This link does not work. Open the link in the latest mail, or ask the project office for a new one.",
    )


def holder(unit: Unit) -> Holder:
    """Who asks, in a route that admits by link."""
    assert isinstance(unit.caller, Holder)
    return unit.caller
