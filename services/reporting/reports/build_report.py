"""Building what was ordered, as a job: the state is copied in one snapshot, figures and files made outside of any, and
all of it stored in the transaction that ends the job.
"""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import structlog

from services.reporting.reports import queries
from services.reporting.reports.copy_state import copy_state
from services.reporting.reports.events import frozen_report
from services.reporting.reports.freeze import frozen_or_reason
from shared.database.unit_of_work import Unit
from shared.jobs.job import Job, JobFailed
from shared.jobs.worker import Kind
from shared.workshop import Workshop

log = structlog.get_logger(__name__)

BUILDING: Final = "report"
ATTEMPTS: Final = 5
"""A report whose building ends the process that many times is given up, so that it does not stand in the way of
others.
"""


Finished = Callable[[Unit, UUID], Awaitable[None]]
"""What follows in the same transaction when a report is frozen, or given up."""


async def nobody_waits(unit: Unit, report_id: UUID) -> None:
    """Nothing follows."""


def report_kind(workshop: Workshop, finished: Finished = nobody_waits) -> Kind:
    """Builds the report that the job's request names."""

    async def build(job: Job) -> None:
        async with job.units.system() as unit:
            row = await queries.begin(unit, report_of(job))
        order = queries.order_of(row)
        facts, stated = await copy_state(job.units, order)
        outcome = await workshop.run(frozen_or_reason, order, facts, stated)
        if isinstance(outcome, str):
            raise JobFailed(outcome)
        content = outcome.content
        async with job.effect() as unit:
            await queries.freeze(unit, row["id"], content, outcome.rows, outcome.files)
            unit.emit(frozen_report(outcome))
            await finished(unit, row["id"])
        log.info("report_frozen", report=str(row["id"]), version=row["version"], rows=len(outcome.rows))

    async def failed(unit: Unit, job: Job, reason: str) -> None:
        await give_up(unit, job, reason)
        await finished(unit, report_of(job))

    return Kind(BUILDING, build, failed, attempts=ATTEMPTS)


async def give_up(unit: Unit, job: Job, reason: str) -> None:
    """The report will never be finished."""
    await queries.fail(unit, report_of(job), reason)
    log.error("report_failed", report=str(report_of(job)), reason=reason)


def report_of(job: Job) -> UUID:
    return UUID(job.request["report"])
