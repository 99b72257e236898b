"""Jobs that are small and many, taken and ended several at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import structlog

from shared.database.errors import is_transient
from shared.database.unit_of_work import Unit
from shared.jobs.job import Job

log = structlog.get_logger(__name__)

WRITE_AGAIN: Final = (0.1, 0.5, 2.0)
"""Seconds before what became of jobs is written down once more, when the database would not."""

# What is to come again begins anew: only a process that dies spends an attempt.
END_SOME = """
    UPDATE jobs SET state = CASE WHEN again IS NULL THEN 'done' ELSE 'queued' END, leased_until = NULL,
           done = CASE WHEN again IS NULL THEN total ELSE done END,
           content = CASE WHEN again IS NOT NULL THEN content END,
           ended_at = CASE WHEN again IS NULL THEN CAST($4 AS timestamptz) END,
           run_at = coalesce(again, run_at),
           attempts_before = CASE WHEN again IS NULL THEN attempts_before ELSE jobs.attempt END
      FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[]) AS ended (id, attempt, again)
     WHERE jobs.id = ended.id AND jobs.attempt = ended.attempt AND jobs.state = 'running' RETURNING jobs.id
"""


class Became(Protocol):
    """What became of a job; `again`: it is to come again then."""

    @property
    def again(self) -> datetime | None: ...


Do = Callable[[Job], Awaitable[Became]]
Done = tuple[Job, Became]


@dataclass(frozen=True)
class Together:
    """Jobs that are small and many: up to `most` are taken in one transaction and done one after the other by what
    `opened` yields, which has what they share (a connection). `note` keeps what became of some of them, in the
    transaction that ends these, while the next ones are done.
    """

    most: int
    opened: Callable[[Sequence[Job]], AbstractAsyncContextManager[Do]]
    note: Callable[[Unit, Sequence[Any]], Awaitable[None]]


async def end_some(together: Together, done: Sequence[Done]) -> None:
    """Ends jobs in the transaction that keeps what became of them. To do it once more changes nothing."""
    for pause in WRITE_AGAIN:
        try:
            return await _end_at_once(together, done)
        except Exception as error:
            if not is_transient(error):
                raise
        await asyncio.sleep(pause)
    await _end_at_once(together, done)


async def _end_at_once(together: Together, done: Sequence[Done]) -> None:
    columns = zip(*((job.id, job.attempt, became.again) for job, became in done), strict=True)
    async with done[0][0].units.system() as unit:
        ours = {row["id"] for row in await unit.fetch(END_SOME, *map(list, columns), unit.recorded_at)}
        await together.note(unit, [became for job, became in done if job.id in ours])
    for job, _ in done:
        job.ended = True
        if job.id not in ours:
            log.warning("job_taken_by_another", job=str(job.id), kind=job.kind, attempt=job.attempt)
