"""Reading blackouts."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import col

from services.booking.blackouts.bodies import BlackoutShown
from services.booking.blackouts.tables import Blackout
from shared.database.conditions import by_id
from shared.database.unit_of_work import Unit
from shared.web.problems import not_found


def blackout_shown(row: RowMapping) -> BlackoutShown:
    return BlackoutShown(
        id=row["id"], municipality=row["municipality"], from_=row["from_day"], to=row["to_day"], reason=row["reason"]
    )


async def blackout_row(unit: Unit, blackout_id: UUID, *, lock: bool = False) -> RowMapping:
    """One blackout. Raises 404 also for those of others."""
    return await unit.found(by_id(Blackout, blackout_id, lock=lock), missing=not_found("Spärrtiden", "The blackout"))


async def blackouts_page(
    unit: Unit, after: UUID | None, fetch: int, *, municipality: str | None = None
) -> Sequence[RowMapping]:
    """Up to `fetch` blackouts that were entered after `after`, of those that the scope shows."""
    statement = select(Blackout).order_by(col(Blackout.id)).limit(fetch)
    if municipality is not None:
        statement = statement.where(col(Blackout.municipality) == municipality)
    return await unit.all(statement if after is None else statement.where(col(Blackout.id) > after))


async def blackouts_between(unit: Unit, first: date, last: date) -> Sequence[RowMapping]:
    """The blackouts that touch these days, of all municipalities that the scope shows."""
    touching = (col(Blackout.from_day) <= last, col(Blackout.to_day) >= first)
    return await unit.all(select(Blackout).where(*touching).order_by(col(Blackout.id)))
