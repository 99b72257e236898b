"""The call about jobs, for a service whose callers wait for some."""

from uuid import UUID

from starlette.responses import Response

from shared.jobs.bodies import JobShown
from shared.jobs.queue import own
from shared.web.etags import digest_of
from shared.web.problems import not_found
from shared.web.routing import ANY, Unit, allow, service_router

router = service_router(tag="jobs")


@router.get("/v1/jobs/{job_id}")
async def show_job(job_id: UUID, response: Response, unit: Unit = allow(*ANY)) -> JobShown:
    """A job of the caller's own, with the entity tag of how far it is; those of others are not found."""
    row = await own(unit, job_id)
    if row is None:
        raise not_found("Jobbet", "The job")
    shown = JobShown.model_validate(dict(row))
    response.headers["ETag"] = digest_of(shown.model_dump_json())
    return shown
