"""Running jobs: each once, by whichever process takes it, and again by another when that one died or was slow.

A lease says who is at it. Whoever lost it cannot commit: the job's end is written in the transaction of the effect, and
only for the attempt that the row still stands at.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from pydantic_core import to_json
from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB

from shared.clock import Standing
from shared.database.errors import is_transient
from shared.database.unit_of_work import Unit, Units
from shared.jobs.queue import Beginner
from shared.jobs.recurring import Recurrence, schedule
from shared.observability import metrics
from shared.security.cipher import Box, Cipher
from shared.web.errors import CONCURRENT, FAULT
from shared.web.problems import Problem
from shared.workshop import WorkerEnded

log = structlog.get_logger(__name__)

LEASE_SECONDS: Final = 30.0
LONGEST_PAUSE: Final = 60.0
RECURRING: Final = "recurring"
ANY_TIME: Final = datetime.max.replace(tzinfo=UTC)

TAKE = text(
    """
    UPDATE jobs SET state = 'running', attempt = attempt + 1, done = 0,
           leased_until = clock_timestamp() + make_interval(secs => :seconds)
     WHERE id = (SELECT id FROM jobs
                  WHERE kind = ANY(CAST(:kinds AS text[])) AND run_at <= :now
                    AND (state = 'queued' OR (state = 'running' AND leased_until < clock_timestamp()))
                  ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, request, content, began, attempt, attempt - attempts_before AS tries
    """
).columns(request=JSONB, began=JSONB)
DUE = """
    SELECT DISTINCT kind FROM jobs
     WHERE kind = ANY($1::text[]) AND run_at <= $2
       AND (state = 'queued' OR (state = 'running' AND leased_until < clock_timestamp()))
"""
RENEW = text(
    """
    UPDATE jobs SET leased_until = clock_timestamp() + make_interval(secs => :seconds), done = greatest(done, :done)
     WHERE id = :id AND attempt = :attempt AND state = 'running' RETURNING id
    """
)
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
    ended: bool = False

    async def progress(self, done: int) -> None:
        """Says how far it is. Raises Fenced."""
        self.done = done
        await self.renew()

    async def renew(self) -> None:
        """Renews the lease. Raises Fenced."""
        async with self.units.system() as unit:
            await self._if_still_mine(unit, RENEW, seconds=self.lease_seconds, done=self.done)

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

    async def fail(self, kind: "Kind", error: Exception) -> None:
        """Ends the job without its effect; its result is the problem, in the language of the request. Raises Fenced."""
        problem = error if isinstance(error, Problem) else FAULT
        reason = str(error) if isinstance(error, JobFailed) else type(error).__name__
        async with self.units.system(self.began.cause) as unit:
            await self._end(unit, "failed", problem.body(self.request.get("language", "sv")))
            if kind.failed is not None:
                await kind.failed(unit, self, reason)

    async def put_back(self, run_at: datetime) -> None:
        """Lets the job be taken again from then on. Raises Fenced."""
        async with self.units.system() as unit:
            await self._if_still_mine(unit, PUT_BACK, run_at=run_at)

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


@dataclass(frozen=True)
class Kind:
    """What to do for one kind of job. `run` acts in `job.effect()`; when it returns without, the job is done all the
    same. What may pass is tried `attempts` times; `failed` runs in the transaction that gives the job up.

    Jobs of one `lane` wait for each other, `abreast` of them at a time in each process.

    A job that `recurs` is not enqueued: there is one, whose next run is queued in the transaction that ends the last.
    """

    name: str
    run: Callable[[Job], Awaitable[None]]
    failed: Callable[[Unit, Job, str], Awaitable[None]] | None = None
    attempts: int = 8
    seconds: float = 1800.0
    recurs: Recurrence | None = None
    lane: str = "jobs"
    abreast: int = 1


def recurring(name: str, recurs: Recurrence, step: Callable[[Units], Awaitable[None]]) -> Kind:
    """A job that comes again and consists of transactions of its own, each of which may be repeated."""

    async def run(job: Job) -> None:
        await step(job.units)

    return Kind(name, run, recurs=recurs)


@dataclass
class Worker:
    """Runs the due jobs of some kinds: in each process one after the other in their lanes, and recurring ones beside
    them, so that none waits for a long import.
    """

    kinds: Sequence[Kind]
    cipher: Cipher | None = None
    lease_seconds: float = LEASE_SECONDS
    recurrences: Mapping[str, Recurrence] = field(init=False)
    lanes: Mapping[str, int] = field(init=False)
    _by_name: Mapping[str, Kind] = field(init=False)
    _scheduled: bool = False

    def __post_init__(self) -> None:
        self._by_name = {kind.name: kind for kind in self.kinds}
        self.recurrences = {kind.name: kind.recurs for kind in self.kinds if kind.recurs is not None}
        queued = sorted((kind for kind in self.kinds if kind.recurs is None), key=lambda kind: kind.abreast)
        self.lanes = {kind.lane: kind.abreast for kind in queued}

    async def run_due(self, units: Units, lane: str | None = None) -> None:
        """Runs the queued jobs that are due, until none is: of one lane, or of all."""
        kinds = [kind.name for kind in self.kinds if kind.recurs is None and lane in (None, kind.lane)]
        while (row := await self._take(units, kinds, units.clock.now())) is not None:
            await self._run(self._job(units, row))

    async def due(self, units: Units) -> set[str]:
        """The lanes in which something is due; `RECURRING` is that of the recurring jobs, which until they are queued
        nobody finds.
        """
        async with units.system() as unit:
            rows = await unit.fetch(DUE, list(self._by_name), units.clock.now())
        lanes = {RECURRING if row["kind"] in self.recurrences else self._by_name[row["kind"]].lane for row in rows}
        return lanes | {RECURRING} if self.recurrences and not self._scheduled else lanes

    async def run_recurring(self, units: Units) -> None:
        """Runs the recurring jobs that are due."""
        if not self._scheduled:
            await schedule(units, self.recurrences)
            self._scheduled = True
        while (row := await self._take(units, self.recurrences, units.clock.now())) is not None:
            await self._run(self._job(units, row))

    async def run_as_of(self, units: Units, now: datetime) -> None:
        """Runs each recurring job once, due or not, and then the queued jobs that are due, as if it were `now`."""
        then = replace(units, clock=Standing(now))
        await schedule(units, self.recurrences)
        for kind in self.recurrences:
            while (row := await self._take(then, [kind], ANY_TIME)) is None:  # noqa: ASYNC110 # another process is at it
                await asyncio.sleep(0.05)
            await self._run(self._job(then, row))
        await schedule(units, self.recurrences)  # the next runs are due by the real clock
        await self.run_due(then)

    async def _take(self, units: Units, kinds: Collection[str], due: datetime) -> RowMapping | None:
        async with units.system() as unit:
            values = {"kinds": list(kinds), "now": due, "seconds": self.lease_seconds}
            return await unit.one_or_none(TAKE, values)

    def _job(self, units: Units, row: RowMapping) -> Job:
        content = row["content"]
        if content is not None and self.cipher is not None:
            content = self.cipher.decrypt(Box.from_json(content), row["id"].bytes)
        return Job(
            row["id"],
            row["kind"],
            row["request"],
            content,
            row["attempt"],
            row["tries"],
            Beginner.of(row["began"]),
            units,
            self.recurrences.get(row["kind"]),
            self.lease_seconds,
        )

    async def _run(self, job: Job) -> None:
        """Does the job in a task of its own, and renews the lease beside it."""
        work = asyncio.create_task(self._attempt(job))
        try:
            while True:
                await asyncio.wait({work}, timeout=self.lease_seconds / 3)
                if work.done() or not await self._renewed(job):
                    break
        except asyncio.CancelledError:  # the service stops: nobody should have to wait for the lease to end
            await _stopped(work)
            with suppress(Fenced):
                await job.put_back(job.units.clock.now())
            raise
        await _stopped(work)

    async def _renewed(self, job: Job) -> bool:
        try:
            await job.renew()
        except Fenced:
            return False
        except Exception as error:  # the fence decides, not the renewal
            log.warning("job_lease_not_renewed", job=str(job.id), error=type(error).__name__)
        return True

    async def _attempt(self, job: Job) -> None:
        kind = self._by_name[job.kind]
        try:
            if job.tries > kind.attempts:
                raise JobFailed(f"doing it ended the process {kind.attempts} times")
            async with asyncio.timeout(kind.seconds):
                await kind.run(job)
            if not job.ended:
                async with job.effect():
                    pass
        except Fenced:
            log.warning("job_taken_by_another", job=str(job.id), kind=job.kind, attempt=job.attempt)
        except Exception as error:
            await self._failed(kind, job, error)

    async def _failed(self, kind: Kind, job: Job, error: Exception) -> None:
        """Puts the job back for another try when the fault may pass, else gives it up."""
        again = is_retryable(error) and job.tries < kind.attempts
        trace = None if isinstance(error, Problem | JobFailed) else error
        log.warning(
            "job_failed",
            job=str(job.id),
            kind=job.kind,
            attempt=job.attempt,
            again=again,
            error=type(error).__name__,
            exc_info=trace,
        )
        with suppress(Fenced):
            if again:
                return await job.put_back(job.units.clock.now() + pause_after(job.tries))
            await job.fail(kind, error)
            metrics.JOBS_FAILED.labels(job.units.service, job.kind).inc()


def is_retryable(error: Exception) -> bool:
    """True when another try may succeed without anybody changing anything."""
    status = getattr(error, "status", None)
    return is_transient(error) or isinstance(error, WorkerEnded) or status in (429, 503) or error is CONCURRENT


def pause_after(attempt: int) -> timedelta:
    """Growing, up to a minute, and never the same for all that failed together."""
    return timedelta(seconds=min(LONGEST_PAUSE, 2.0**attempt) * random.uniform(0.5, 1))  # noqa: S311 # guards nothing


async def _stopped(work: "asyncio.Task[None]") -> None:
    """Ends a task that is still at it, and raises what it raised."""
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
