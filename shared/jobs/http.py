"""The call about jobs, for a service whose callers wait for some."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from shared.jobs.queue import own
from shared.web.problems import not_found
from shared.web.routing import ANY, Unit, allow, service_router

router = service_router(tag="jobs")


class JobShown(BaseModel):
    """How far a job is; `result` when it is done, the problem when it failed."""

    id: UUID
    state: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    result: dict[str, Any] | None = None


@router.get("/v1/jobs/{job_id}")
async def show_job(job_id: UUID, unit: Unit = allow(*ANY)) -> JobShown:
    """A job of the caller's own; those of others are not found."""
    row = await own(unit, job_id)
    if row is None:
        raise not_found("Jobbet", "The job")
    return JobShown.model_validate(dict(row))
