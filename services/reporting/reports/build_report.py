"""Building what was ordered: a background step that every process runs, and that a restart only delays.

A process marks an order as being built, then holds its row's lock until report, rows and files are committed
together. When it ends halfway the lock is gone, and the next one to look begins again.
"""

from typing import Final

import structlog
from sqlalchemy import RowMapping

from services.reporting.facts.load import FactsReader
from services.reporting.reports import queries
from services.reporting.reports.content import canonical
from services.reporting.reports.freeze import frozen_or_reason
from services.reporting.reports.workshop import Workshop
from shared.database.unit_of_work import Unit, Units

log = structlog.get_logger(__name__)

ATTEMPTS: Final = 5
"""A report whose building ends the process that many times is given up, so that it does not stand in the way of
others.
"""
EVERY_SECONDS: Final = 0.5


class Builder:
    """Builds the orders of the database, one at a time in each process."""

    def __init__(self, facts: FactsReader, workshop: Workshop) -> None:
        self._facts = facts
        self._workshop = workshop

    async def step(self, units: Units) -> None:
        """Builds until nothing waits."""
        while await self.build_next(units):
            continue
        self._workshop.rest()

    async def build_next(self, units: Units) -> bool:
        """Builds the oldest order that no other process holds. Answers False when there is none."""
        async with units.system() as unit:
            report_id = await queries.claim(unit)
        if report_id is None:
            return False
        async with units.system() as unit:
            row = await queries.hold(unit, report_id)
            if row is not None:
                await self._build(unit, row)
        return True

    async def _build(self, unit: Unit, row: RowMapping) -> None:
        if row["attempts"] > ATTEMPTS:
            await self._give_up(unit, row, f"building it ended the process {ATTEMPTS} times")
            return
        facts = await self._facts.below(unit, row["cut_off"])
        outcome = await self._workshop.run(frozen_or_reason, queries.order_of(row), facts)
        if isinstance(outcome, str):
            await self._give_up(unit, row, outcome)
            return
        content = outcome.content
        await queries.freeze(unit, row["id"], canonical(content.document()), content.hash, outcome.rows, outcome.files)
        log.info("report_frozen", report=str(row["id"]), version=row["version"], rows=len(outcome.rows))

    async def _give_up(self, unit: Unit, row: RowMapping, reason: str) -> None:
        await queries.fail(unit, row["id"], reason)
        log.error("report_failed", report=str(row["id"]), reason=reason)
