"""Running jobs: each once, by whichever process takes it, and again by another when that one died or was slow.

A lease says who is at it. Whoever lost it cannot commit: the job's end is written in the transaction of the effect, and
only for the attempt that the row still stands at.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB

from shared.clock import Standing
from shared.database.errors import is_transient
from shared.database.unit_of_work import Units
from shared.jobs.job import LEASE_SECONDS, Failed, Fenced, Job, JobFailed, renew
from shared.jobs.queue import Beginner
from shared.jobs.recording import Recording
from shared.jobs.recurring import Recurrence, schedule
from shared.jobs.together import Do, Done, Together, end_some
from shared.observability import metrics
from shared.security.cipher import Box, Cipher, CipherError
from shared.web.errors import CONCURRENT
from shared.web.problems import Problem
from shared.workshop import WorkerEnded

log = structlog.get_logger(__name__)

LONGEST_PAUSE: Final = 60.0
RECURRING: Final = "recurring"
ANY_TIME: Final = datetime.max.replace(tzinfo=UTC)

# Of those that a dead process left one at a time: one may have killed it, and is not to take the others along again.
TAKE = text(
    """
    WITH due AS MATERIALIZED (
        SELECT id, state, run_at FROM jobs
         WHERE kind = ANY(CAST(:kinds AS text[])) AND run_at <= :now
           AND (state = 'queued' OR (state = 'running' AND leased_until < clock_timestamp()))
         ORDER BY run_at, id LIMIT :most FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs SET state = 'running', attempt = attempt + 1, done = 0,
           leased_until = clock_timestamp() + make_interval(secs => :seconds)
     WHERE id IN (SELECT id FROM due WHERE state = 'queued'
                  UNION ALL (SELECT id FROM due WHERE state = 'running' ORDER BY run_at, id LIMIT 1))
    RETURNING id, kind, request, content, began, attempt, attempt - attempts_before AS tries, run_at
    """
).columns(request=JSONB, began=JSONB)
LEAVE = text(
    """
    UPDATE jobs SET state = 'queued', leased_until = NULL, run_at = :run_at, attempts_before = attempt
     WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'running'
    """
)
DUE = """
    SELECT DISTINCT kind FROM jobs
     WHERE kind = ANY($1::text[]) AND run_at <= $2
       AND (state = 'queued' OR (state = 'running' AND leased_until < clock_timestamp()))
"""


@dataclass(frozen=True)
class Kind:
    """What to do for one kind of job. `run` acts in `job.effect()`; when it returns without, the job is done all the
    same. What may pass is tried `attempts` times; `failed` runs in the transaction that gives the job up. A kind that
    runs `Together` has a lane of its own.

    Jobs of one `lane` wait for each other, `abreast` of them at a time in each process.

    A job that `recurs` is not enqueued: there is one, whose next run is queued in the transaction that ends the last.
    """

    name: str
    run: Callable[[Job], Awaitable[None]] | Together
    failed: Failed | None = None
    attempts: int = 8
    seconds: float = 1800.0
    recurs: Recurrence | None = None
    lane: str = "jobs"
    abreast: int = 1

    @property
    def most(self) -> int:
        """How many are taken at a time."""
        return self.run.most if isinstance(self.run, Together) else 1


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

    async def run_due(self, units: Units) -> None:
        """Runs the queued jobs that are due, until none is."""
        while any([await self._run_some(units, lane) for lane in self.lanes]):
            pass

    async def run_lane(self, units: Units, lane: str) -> None:
        """Runs the queued jobs of a lane that are due. Those that come while the last of them are done wait for the
        next look: else those that are taken together would be few, and each would cost nearly as much as alone.
        """
        while rows := await self._run_some(units, lane):
            if len(rows) < self._most(lane) and all(row["tries"] == 1 for row in rows):
                return

    async def _run_some(self, units: Units, lane: str) -> Sequence[RowMapping]:
        """Runs as many as are taken at a time, and returns their rows."""
        kinds = [kind.name for kind in self.kinds if kind.recurs is None and kind.lane == lane]
        rows = await self._take_some(units, kinds, units.clock.now(), self._most(lane))
        jobs = list(self._readable(units, rows))
        await self._leave(units, {row["id"] for row in rows} - {job.id for job in jobs})
        if jobs:
            await self._run(*jobs)
        return rows

    async def _leave(self, units: Units, ids: Collection[UUID]) -> None:
        """Leaves jobs for later; none of their tries is spent. Others that are due are looked at before them."""
        if ids:
            values = {"ids": list(ids), "run_at": units.clock.now() + timedelta(seconds=self.lease_seconds)}
            async with units.system() as unit:
                await unit.execute(LEAVE, values)

    def _most(self, lane: str) -> int:
        return max(kind.most for kind in self.kinds if kind.lane == lane)

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
        return next(iter(await self._take_some(units, kinds, due, 1)), None)

    async def _take_some(self, units: Units, kinds: Collection[str], due: datetime, most: int) -> Sequence[RowMapping]:
        values = {"kinds": list(kinds), "now": due, "seconds": self.lease_seconds, "most": most}
        async with units.system() as unit:
            return sorted(await unit.all(TAKE, values), key=lambda row: (row["run_at"], row["id"]))

    def _readable(self, units: Units, rows: Sequence[RowMapping]) -> Iterator[Job]:
        """The jobs whose content we have the key of. The others wait for it."""
        for row in rows:
            try:
                yield self._job(units, row)
            except CipherError as error:
                log.error("job_unreadable", job=str(row["id"]), kind=row["kind"], error=str(error))

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

    async def _run(self, *jobs: Job) -> None:
        """Does them in a task of its own, and renews their leases beside it."""
        kind, units = self._by_name[jobs[0].kind], jobs[0].units
        attempt = self._attempt_all(kind, kind.run, jobs) if isinstance(kind.run, Together) else self._attempt(jobs[0])
        work = asyncio.create_task(attempt)
        try:
            while True:
                await asyncio.wait({work}, timeout=self.lease_seconds / 3)
                if work.done() or not await self._any_renewed(jobs):
                    break
        except asyncio.CancelledError:  # the service stops: nobody should have to wait for the lease to end
            try:
                await _stopped(work)
                for job in jobs:
                    if not job.ended:
                        with suppress(Fenced):
                            await job.put_back(units.clock.now())
            except Exception as error:  # the database is away: their leases end
                log.warning("jobs_not_put_back", jobs=len(jobs), kind=kind.name, error=type(error).__name__)
            raise
        await _stopped(work)

    async def _any_renewed(self, jobs: Sequence[Job]) -> bool:
        """Renews the leases of those that have not ended. False: all are lost."""
        if held := [job for job in jobs if not job.ended]:
            try:
                await renew(held)
            except Exception as error:  # the fence decides, not the renewal
                log.warning("job_lease_not_renewed", jobs=len(held), error=type(error).__name__)
        return not all(job.lost for job in jobs)

    async def _attempt(self, job: Job) -> None:
        kind = self._by_name[job.kind]
        assert not isinstance(kind.run, Together)
        try:
            _check_tries(kind, job)
            async with asyncio.timeout(kind.seconds):
                await kind.run(job)
            if not job.ended:
                async with job.effect():
                    pass
        except Fenced:
            log.warning("job_taken_by_another", job=str(job.id), kind=job.kind, attempt=job.attempt)
        except Exception as error:
            await self._failed(kind, job, error, may_pass=is_retryable(error))

    async def _attempt_all(self, kind: Kind, together: Together, jobs: Sequence[Job]) -> None:
        """What fails by itself is given up by itself; what keeps all of them from being done may pass."""
        try:
            async with (
                Recording(partial(self._end, kind, together)) as recording,
                asyncio.timeout(kind.seconds),
                together.opened(jobs) as do,
            ):
                for job in jobs:
                    if not job.lost and time.monotonic() < job.held_until:
                        await self._do_one(kind, do, job, recording)
        except Exception as error:
            for job in jobs:
                if not job.ended:
                    await self._failed(kind, job, error, may_pass=True)

    async def _do_one(self, kind: Kind, do: Do, job: Job, recording: Recording[Done]) -> None:
        try:
            _check_tries(kind, job)
            became = await do(job)
        except Exception as error:
            return await self._failed(kind, job, error, may_pass=is_retryable(error))
        await recording.add((job, became))

    async def _end(self, kind: Kind, together: Together, done: Sequence[Done]) -> None:
        try:
            await end_some(together, done)
        except Exception as error:
            if is_transient(error):
                raise
            if len(done) == 1:
                return await self._failed(kind, done[0][0], error, may_pass=False)
            for one in done:
                await self._end(kind, together, [one])

    async def _failed(self, kind: Kind, job: Job, error: Exception, *, may_pass: bool) -> None:
        """Puts the job back for another try when the fault may pass, else gives it up."""
        again = may_pass and job.tries < kind.attempts
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
            await job.fail(error, kind.failed)
            metrics.JOBS_FAILED.labels(job.units.service, job.kind).inc()


def _check_tries(kind: Kind, job: Job) -> None:
    if job.tries > kind.attempts:
        raise JobFailed(f"doing it ended the process {kind.attempts} times")


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
