"""Jobs: imports of many rows, taken up by any process of the service, and again when the first one died.

The uploaded file holds personal numbers: it lies encrypted in the job's row, and is gone when the job has ended.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from pydantic_core import to_jsonable_python
from sqlalchemy import RowMapping, insert, select, update
from sqlmodel import col

from services.booking.imports.tables import Job
from shared.database.unit_of_work import Unit, Units
from shared.security.cipher import Box, Cipher
from shared.security.roles import Caller, Role, scope_of
from shared.web.problems import Problem

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
"""A running job that has not said anything for so long is taken up by another process."""

Progress = Callable[[int], Awaitable[None]]


@dataclass(frozen=True)
class Work:
    """What a job has to do: the uploaded file, and the fields of the request that matter to its kind."""

    content: bytes
    request: Mapping[str, Any]
    progress: Progress


Runner = Callable[[Unit, Work], Awaitable[Mapping[str, Any]]]
"""Does one kind of job in one transaction, and answers its result."""


async def enqueue(
    unit: Unit, cipher: Cipher, kind: str, content: bytes, total: int, request: Mapping[str, Any]
) -> UUID:
    """Queues a job of the caller; it runs under the caller's role and business time."""
    assert unit.caller is not None
    assert unit.role is not None
    job_id = unit.ids.uuid7()
    who = {
        "name": unit.caller.name,
        "role": unit.role.value,
        "occurred_at": unit.occurred_at.isoformat() if unit.back_dated else None,
    }
    row = {
        "id": job_id,
        "kind": kind,
        "state": "queued",
        "done": 0,
        "total": total,
        "began_by": unit.actor,
        "began_at": unit.recorded_at,
        "municipality": unit.caller.municipality if unit.role is Role.MUNICIPALITY else None,
        "request": {**request, **who},
        "content": cipher.encrypt(content, job_id.bytes).to_json(),
    }
    await unit.execute(insert(Job).values(**row))
    return job_id


@dataclass(frozen=True)
class JobQueue:
    """Runs the queued jobs of a service, one after the other in each process."""

    cipher: Cipher
    runners: Mapping[str, Runner]

    async def run_all(self, units: Units) -> None:
        """Runs what is queued, until nothing is."""
        while (job := await self._take(units)) is not None:
            await self._run(units, job)

    async def _take(self, units: Units) -> RowMapping | None:
        async with units.system() as unit:
            waiting = (col(Job.state) == "queued") | (
                (col(Job.state) == "running") & (col(Job.taken_at) < unit.recorded_at - LEASE)
            )
            statement = select(Job).where(waiting).order_by(col(Job.id)).limit(1).with_for_update(skip_locked=True)
            row = await unit.one_or_none(statement)
            if row is not None:
                taken = {"state": "running", "taken_at": unit.recorded_at, "done": 0}
                await unit.execute(update(Job).where(col(Job.id) == row["id"]).values(**taken))
        return row

    async def _run(self, units: Units, job: RowMapping) -> None:
        async def progress(done: int) -> None:
            async with units.system() as unit:
                values = {"done": done, "taken_at": unit.recorded_at}
                await unit.execute(update(Job).where(col(Job.id) == job["id"]).values(**values))

        try:
            await self._do(units, job, progress)
        except Problem as problem:
            await _finish(units, job["id"], "failed", problem.body(job["request"].get("language", "sv")))
        except Exception as error:
            log.exception("job_failed", job=str(job["id"]), kind=job["kind"])
            await _finish(units, job["id"], "failed", {"error": type(error).__name__})

    async def _do(self, units: Units, job: RowMapping, progress: Progress) -> None:
        """The effect and the job's end commit together: a process that dies in between leaves neither."""
        content = self.cipher.decrypt(Box.from_json(job["content"]), job["id"].bytes)
        role, caller = _who(job)
        async with units.open(caller=caller, scope=scope_of(caller, role)) as unit:
            unit.enter(scope_of(caller, role), role)
            if job["request"]["occurred_at"] is not None:
                unit.occurred_at = datetime.fromisoformat(job["request"]["occurred_at"])
            result = await self.runners[job["kind"]](unit, Work(content, job["request"], progress))
            await _end(unit, job["id"], "done", result, done=job["total"])


def _who(job: RowMapping) -> tuple[Role, Caller]:
    role = Role(job["request"]["role"])
    return role, Caller(job["began_by"], job["request"]["name"], frozenset({role}), job["municipality"])


async def _finish(units: Units, job_id: UUID, state: str, result: Mapping[str, Any]) -> None:
    async with units.system() as unit:
        await _end(unit, job_id, state, result)


async def _end(unit: Unit, job_id: UUID, state: str, result: Mapping[str, Any], **more: Any) -> None:
    values = {"state": state, "result": to_jsonable_python(result), "content": None, **more}
    async with unit.as_system():
        await unit.execute(update(Job).where(col(Job.id) == job_id).values(**values))
