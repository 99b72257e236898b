"""What `Kursnav-Occurred-At` may be: within the project's period."""

from datetime import datetime

from services.booking.catalogue import queries
from shared.clock import day_end, day_start
from shared.database.unit_of_work import Unit
from shared.web.problems import Problem


async def within_project(unit: Unit, at: datetime) -> None:
    """Raises 422 for a time outside the project's period; before there is a project every time passes."""
    row = await queries.project_row(unit)
    if row is None or day_start(row["period_from"]) <= at < day_end(row["period_to"]):
        return
    raise Problem(
        "occurred-at-outside-project",
        422,
        f"Tiden ligger utanför projektet ({row['period_from']} till {row['period_to']}).",
        f"The time lies outside the project ({row['period_from']} to {row['period_to']}).",
    )
