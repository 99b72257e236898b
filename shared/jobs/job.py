"""One attempt at a job, and the statements that hold and end it."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text

from shared.database.unit_of_work import Unit, Units
from shared.jobs.queue import Beginner
from shared.jobs.recurring import Recurrence
from shared.web.errors import FAULT
from shared.web.problems import Problem

LEASE_SECONDS: Final = 30.0

RENEW = """
    UPDATE jobs SET leased_until = clock_timestamp() + make_interval(secs => $1), done = greatest(jobs.done, held.done)
      FROM unnest($2::uuid[], $3::integer[], $4::integer[]) AS held (id, attempt, done)
     WHERE jobs.id = held.id AND jobs.attempt = held.attempt AND jobs.state = 'running' RETURNING jobs.id
"""
END = text(
    """
    UPDATE jobs SET state = :state, done = CASE :state WHEN 'done' THEN total ELSE done END, content = NULL,
           leased_until = NULL, ended_at = :now, result = CAST(:result AS jsonb)
     WHERE id = :id AND attempt = :attempt AND state = 'running' RETURNING id
    """
)
END_RUN = text(
    """
    UPDATE jobs SET state = 'queued', run_at = :run_at, attempts_before = attempt, leased_until = NULL,
           result = CAST(:result AS jsonb)
     WHERE id = :id AND attempt = :attempt AND state = 'running' RETURNING id
    """
)
PUT_BACK = text(
    """
    UPDATE jobs SET state = 'queued', leased_until = NULL, run_at = :run_at
     WHERE id = :id AND attempt = :attempt AND state = 'running' RETURNING id
    """
)


class Fenced(Exception):
    """Another process has taken the job meanwhile: what this one did counts for nothing."""


class JobFailed(Exception):
    """Doing it again would end the same way. The text says why, to people."""


@dataclass
class Job:
    """One attempt at a job: what to do, and the way to its effect."""

    id: UUID
    kind: str
    request: Mapping[str, Any]
    content: bytes | None
    attempt: int
    tries: int  # attempts of this run
    began: Beginner
    units: Units
    recurs: Recurrence | None
    lease_seconds: float = LEASE_SECONDS
    result: Any = None
    done: int = 0
    ended: bool = False  # nothing is left to do for this attempt
    lost: bool = False
    held_until: float = field(init=False)  # by time.monotonic(): whoever was stopped longer cannot know whose it is

    def __post_init__(self) -> None:
        self.held_until = time.monotonic() + self.lease_seconds

    async def progress(self, done: int) -> None:
        """Says how far it is. Raises Fenced."""
        self.done = done
        await renew([self])
        if self.lost:
            raise Fenced

    @asynccontextmanager
    async def effect(self) -> AsyncIterator[Unit]:
        """The transaction of what the job does, under whoever began it. It commits together with the job's end (and
        `result`, set in it), or not at all: raises Fenced when another process has taken the job.
        """
        began = self.began
        async with self.units.open(caller=began.caller, cause=began.cause) as unit:
            unit.enter(began.scope, began.role)
            unit.occurred_at = began.occurred_at or unit.occurred_at
            yield unit
            async with unit.as_system():
                await self._end(unit, "done", self.result)
        self.ended = True

    async def fail(self, error: Exception, then: "Failed | None") -> None:
        """Ends the job without its effect; its result is the problem, in the language of the request. Raises Fenced."""
        problem = error if isinstance(error, Problem) else FAULT
        reason = str(error) if isinstance(error, JobFailed) else type(error).__name__
        async with self.units.system(self.began.cause) as unit:
            await self._end(unit, "failed", problem.body(self.request.get("language", "sv")))
            if then is not None:
                await then(unit, self, reason)
        self.ended = True

    async def put_back(self, run_at: datetime) -> None:
        """Lets the job be taken again from then on. Raises Fenced."""
        async with self.units.system() as unit:
            await self._if_still_mine(unit, PUT_BACK, run_at=run_at)
        self.ended = True

    async def _end(self, unit: Unit, state: str, result: Any) -> None:
        now = unit.clock.now()
        if self.recurs is None:
            await self._if_still_mine(unit, END, state=state, result=to_json(result).decode(), now=now)
        else:
            last = to_json({"state": state, "ended_at": now, "result": result}).decode()
            await self._if_still_mine(unit, END_RUN, result=last, run_at=self.recurs.after(now))

    async def _if_still_mine(self, unit: Unit, statement: Any, **values: Any) -> None:
        if await unit.one_or_none(statement, {"id": self.id, "attempt": self.attempt, **values}) is None:
            raise Fenced


async def renew(jobs: Sequence[Job]) -> None:
    """Renews the leases of jobs by one statement; those that another has taken are `lost` then."""
    began = time.monotonic()
    columns = zip(*((job.id, job.attempt, job.done) for job in jobs), strict=True)
    async with jobs[0].units.system() as unit:
        ours = {row["id"] for row in await unit.fetch(RENEW, jobs[0].lease_seconds, *map(list, columns))}
    for job in jobs:
        job.lost = job.id not in ours and not job.ended
        job.held_until = began + job.lease_seconds


Failed = Callable[[Unit, Job, str], Awaitable[None]]
