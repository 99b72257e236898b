"""The code for the trainer's screen."""

from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import col

from services.attendance.check_in.bodies import CheckInCodeShown
from services.attendance.check_in.problems import no_occasion_now
from services.attendance.check_in.rules import PERIOD_SECONDS, code_of, is_open, period_of, valid_until
from services.attendance.check_in.seeds import shown
from services.attendance.occasions.problems import unknown_occasion
from services.attendance.occasions.tables import Occasion
from services.attendance.rolls.lock import find_roll
from services.attendance.rolls.problems import cancelled
from shared.database.unit_of_work import Unit
from shared.web.problems import unanswerable


async def code_now(unit: Unit, session_id: UUID, occasion_id: UUID | None) -> CheckInCodeShown:
    """The present code of an occasion; of the one of now unless another is asked for.

    Raises 404 for the session, 409 when it was cancelled or has no occasion now, 422 for another's occasion.
    """
    roll = await find_roll(unit, session_id)
    if roll["cancelled"]:
        raise cancelled()
    occasion = await _occasion(unit, session_id, occasion_id)
    period = period_of(unit.recorded_at)
    return CheckInCodeShown(
        code=code_of(occasion["seed"], period),
        valid_until=valid_until(period),
        seed=shown(occasion["seed"]),
        period_seconds=PERIOD_SECONDS,
        occasion_id=occasion["occasion_id"],
    )


async def _occasion(unit: Unit, session_id: UUID, occasion_id: UUID | None) -> RowMapping:
    of_session = select(Occasion).where(col(Occasion.session_id) == session_id, ~col(Occasion.dropped))
    rows = await unit.all(of_session.order_by(col(Occasion.starts_at)))
    if occasion_id is None:
        found = [row for row in rows if is_open(row["starts_at"], row["ends_at"], unit.recorded_at)]
        if not found:
            raise no_occasion_now()
    else:
        found = [row for row in rows if row["occasion_id"] == occasion_id]
        if not found:
            raise unanswerable(unknown_occasion("/query/occasion_id"))
    return found[0]
