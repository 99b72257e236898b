"""What reporting forgets by itself: its audit, after a setting of the project; without it everything is kept."""

from datetime import timedelta
from typing import Final

from services.reporting.facts.versions import in_use, schema_of
from shared.clock import local_day
from shared.database import retention
from shared.database.unit_of_work import Units

_DAYS: Final = """
    SELECT CASE WHEN jsonb_typeof(one -> 'value') = 'number' THEN CAST(one ->> 'value' AS integer) END
      FROM {at}.catalogue CROSS JOIN jsonb_array_elements(data -> 'settings') WITH ORDINALITY AS s (one, nr)
     WHERE natural_key = 'project/project' AND one ->> 'key' = 'retention.audit_days'
       AND CAST(one ->> 'valid_from' AS date) <= :today
     ORDER BY one ->> 'valid_from' DESC, nr DESC LIMIT 1
"""


async def forget_old(units: Units) -> None:
    now = units.clock.now()
    async with units.system() as unit:
        statement = _DAYS.replace("{at}", schema_of(await in_use(unit)))
        days = await unit.scalar(statement, {"today": local_day(now)})
    if days is not None:
        await retention.forget(units, "audit", now - timedelta(days=days))
