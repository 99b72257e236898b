"""Reading activities."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, Text, cast, select
from sqlmodel import col

from services.reporting.activities.bodies import ActivityShown, RatingBody
from services.reporting.activities.tables import Activity
from shared.database.conditions import by_id
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page
from shared.web.problems import not_found


def activity_shown(row: RowMapping) -> ActivityShown:
    rating = None if row["rating_n"] is None else RatingBody(mean=float(row["rating_mean"]), n=row["rating_n"])
    fields = {name: row[name] for name in ActivityShown.model_fields if name != "rating"}
    return ActivityShown(**fields, rating=rating)


async def activity_row(unit: Unit, activity_id: UUID, *, lock: bool = False) -> RowMapping:
    """Raises 404."""
    return await unit.found(by_id(Activity, activity_id, lock=lock), missing=not_found("Aktiviteten", "The activity"))


async def activities_page(unit: Unit, page: Page) -> Sequence[RowMapping]:
    """The latest day first."""
    return await unit.all(
        page.cut_by(select(Activity), cast(col(Activity.date), Text), col(Activity.id), latest_first=True)
    )
