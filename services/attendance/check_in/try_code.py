"""Trying a code: whose link it is, and which occasion the code is of. Wrong ones are counted, also when refused."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, insert, text
from starlette.requests import Request

from services.attendance.check_in.bodies import CheckInBody
from services.attendance.check_in.problems import too_many_tries, wrong_code
from services.attendance.check_in.rules import OPENS_BEFORE, PERIOD_SECONDS, is_good
from services.attendance.check_in.tables import WrongCode
from services.attendance.links.admission import Holder, holder_of
from services.attendance.rolls.registrations import KNOWN_TO_THE_ROLL
from shared.database.unit_of_work import Unit
from shared.web.problems import Problem

MOST_WRONG: Final = 10
COUNTED_FOR: Final = timedelta(hours=1)
# Held until the try is counted: no two of one link are judged at once.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('code of ' || CAST(:link AS text), 0))")
WRONG = text(
    "SELECT count(*) AS tries, min(tried_at) AS first FROM wrong_codes WHERE link_id = :link AND tried_at > :since"
)
# The sessions first: who stands on a roll is found by its session.
OPEN = text(
    """
    SELECT occasion.session_id, occasion.occasion_id, occasion.seed
      FROM occasions AS occasion JOIN rolls USING (session_id)
     WHERE occasion.starts_at <= :opened AND occasion.ends_at > :now AND NOT dropped AND NOT cancelled
       AND session_id IN (
           SELECT session_id FROM roll_people
            WHERE participant_id = :person AND registration = ANY (:known) AND session_id = ANY (ARRAY(
                  SELECT session_id FROM occasions WHERE starts_at <= :opened AND ends_at > :now)))
     ORDER BY occasion.starts_at, occasion.occasion_id
    """
)
# Where the person has checked in by a code today: what was lost on the way back is sent again.
CHECKED_IN = text(
    """
    SELECT mark.session_id, mark.occasion_id, mark.received_at, occasion.seed
      FROM occasions AS occasion JOIN current_marks AS mark USING (session_id, occasion_id)
     WHERE occasion.starts_at <= :opened AND occasion.ends_at > :since AND mark.session_id = ANY (ARRAY(
           SELECT session_id FROM occasions WHERE starts_at <= :opened AND ends_at > :since))
       AND mark.participant_id = :person AND mark.source = 'qr' AND mark.kind = 'mark'
    """
)
REPEATED_FOR: Final = timedelta(days=1)
PERIOD: Final = timedelta(seconds=PERIOD_SECONDS)


@dataclass(frozen=True)
class Tried:
    """What became of a try: the occasion that the code is of, or why it is refused."""

    holder: Holder
    session_id: UUID | None = None
    occasion_id: UUID | None = None
    refusal: Problem | None = None


async def try_code(request: Request) -> Tried:
    """Judges the code of a request in a transaction of its own, so that a wrong one is counted though it is refused.

    Raises 404 and 410 for a link that leads nowhere.
    """
    return await tried_by(request, await request.json())


async def tried_by(request: Request, body: CheckInBody) -> Tried:
    """As `try_code`, for who sent the same in another form."""
    async with request.app.state.units.system() as unit:
        holder = await holder_of(unit, body.token)
        return await _judge(unit, holder, "".join(body.code.split()))


async def _judge(unit: Unit, holder: Holder, code: str) -> Tried:
    await unit.execute(ONE_AT_A_TIME, {"link": str(holder.link_id)})
    wrong = await unit.one(WRONG, {"link": holder.link_id, "since": unit.recorded_at - COUNTED_FOR})
    if wrong["tries"] >= MOST_WRONG:
        wait = wrong["first"] + COUNTED_FOR - unit.recorded_at
        return Tried(holder, refusal=too_many_tries(int(wait.total_seconds()) + 1))
    for occasion in await _open(unit, holder.participant_id):
        if is_good(code, occasion["seed"], unit.recorded_at):
            return Tried(holder, occasion["session_id"], occasion["occasion_id"])
    for known in await _checked_in(unit, holder.participant_id):
        taken_at = known["received_at"]  # by a second transaction: the code may have been one period younger
        if any(is_good(code, known["seed"], at) for at in (taken_at, taken_at - PERIOD)):
            return Tried(holder, known["session_id"], known["occasion_id"])
    tried = {"id": unit.ids.uuid7(), "link_id": holder.link_id, "tried_at": unit.recorded_at}
    await unit.execute(insert(WrongCode), tried)
    return Tried(holder, refusal=wrong_code())


async def _open(unit: Unit, person: UUID) -> list[RowMapping]:
    """The occasions of now that a person may be at."""
    now = unit.recorded_at
    asked = {"person": person, "now": now, "opened": now + OPENS_BEFORE, "known": sorted(KNOWN_TO_THE_ROLL)}
    return list(await unit.all(OPEN, asked))


async def _checked_in(unit: Unit, person: UUID) -> list[RowMapping]:
    """Where a person has checked in already, of late."""
    now = unit.recorded_at
    return list(
        await unit.all(CHECKED_IN, {"person": person, "opened": now + OPENS_BEFORE, "since": now - REPEATED_FOR})
    )
