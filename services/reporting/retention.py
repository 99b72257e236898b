"""What reporting forgets by itself: files on their way in, and audit and mails after settings of the project."""

from datetime import timedelta
from typing import Final

from services.reporting.facts.versions import in_use, schema_of
from shared.clock import local_day
from shared.database import retention
from shared.database.unit_of_work import Units
from shared.uploads.queries import forget_old_uploads

BY_SETTING: Final = {"audit": "retention.audit_days", "mails": "retention.mail_days"}
_DAYS: Final = """
    SELECT CASE WHEN jsonb_typeof(one -> 'value') = 'number' THEN CAST(one ->> 'value' AS integer) END
      FROM {at}.catalogue CROSS JOIN jsonb_array_elements(data -> 'settings') WITH ORDINALITY AS s (one, nr)
     WHERE natural_key = 'project/project' AND one ->> 'key' = :key
       AND CAST(one ->> 'valid_from' AS date) <= :today
     ORDER BY one ->> 'valid_from' DESC, nr DESC LIMIT 1
"""


async def forget_old(units: Units) -> None:
    now = units.clock.now()
    async with units.system() as unit:
        statement, today = _DAYS.replace("{at}", schema_of(await in_use(unit))), local_day(now)
        days = {what: await unit.scalar(statement, {"key": key, "today": today}) for what, key in BY_SETTING.items()}
    await forget_old_uploads(units)
    for what, kept in days.items():
        if kept is not None:
            await retention.forget(units, what, now - timedelta(days=kept))
