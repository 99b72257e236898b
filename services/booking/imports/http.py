"""The call about jobs."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from services.booking.imports.tables import Job
from shared.web.problems import not_found
from shared.web.routing import ANY, Unit, allow, service_router

router = service_router(tag="jobs")


class JobShown(BaseModel):
    """How far a job is, in rows; `result` when it is done, the problem when it failed."""

    id: UUID
    state: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    result: dict[str, Any] | None = None


@router.get("/v1/jobs/{job_id}")
async def show_job(job_id: UUID, unit: Unit = allow(*ANY)) -> JobShown:
    """A job of the caller's own; those of others are not found."""
    own = (col(Job.id) == job_id) & (col(Job.began_by) == unit.actor)
    async with unit.as_system():
        row = await unit.one_or_none(select(Job).where(own))
    if row is None:
        raise not_found("Jobbet", "The job")
    return JobShown.model_validate(dict(row))
