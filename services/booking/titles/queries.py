"""Reading the differentiation model."""

from sqlalchemy import select
from sqlmodel import col

from services.booking.catalogue.tables import Title, TitleList
from services.booking.titles.bodies import TitleBody
from shared.database.unit_of_work import Unit


async def titles(unit: Unit) -> tuple[list[TitleBody], int | None]:
    """The differentiation model in its order, and its revision (None: never entered)."""
    revision = await unit.scalar(select(col(TitleList.revision)))
    columns = [getattr(Title, name) for name in TitleBody.model_fields]
    rows = await unit.all(select(*columns).order_by(col(Title.position)))
    return [TitleBody.model_validate(dict(row)) for row in rows], revision
