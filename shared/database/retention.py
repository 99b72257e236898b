"""Forgetting what has had its time: in small steps, each a transaction of its own, by the owner's function `forget`.

The runtime role may not delete these rows: the function does, and nothing that is younger than it allows
(`mechanisms.FORGET_2`, a service's own in its migrations).
"""

from datetime import datetime

import structlog
from sqlalchemy import text

from shared.database.unit_of_work import Units

log = structlog.get_logger(__name__)

STEP = 1000  # rows of one transaction: locks, and the log of the database, stay small
FORGET = text("SELECT forget(:what, :before, :step)")


async def forget(units: Units, what: str, before: datetime) -> int:
    """Forgets what is older; returns how many rows. Several processes may do it at once."""
    gone = 0
    while True:
        async with units.system() as unit:
            step = int(await unit.scalar(FORGET, {"what": what, "before": before, "step": STEP}))
        gone += step
        if step < STEP:
            break
    if gone:
        log.info("forgotten", service=units.service, what=what, rows=gone)
    return gone
