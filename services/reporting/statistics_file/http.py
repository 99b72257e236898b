"""The template of the statistics file over HTTP: stated by the project office."""

from starlette.requests import Request

from services.reporting.statistics_file import queries
from services.reporting.statistics_file.bodies import TemplateBody, TemplateShown
from services.reporting.statistics_file.rules import DEFAULT
from shared.audit.record import record
from shared.web.etags import require_if_match
from shared.web.openapi import created
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="reports")


@router.get("/v1/templates/statistics-file", summary="The columns of the statistics file")
async def show_template(unit: Unit = allow(Role.COORDINATOR)) -> Versioned[TemplateShown]:
    """Every version, and before any is stated the one that then holds."""
    row = await queries.stored(unit)
    return Versioned(_shown(row["versions"] if row else DEFAULT), row["revision"] if row else None)


@router.put(
    "/v1/templates/statistics-file",
    summary="State the columns of the statistics file",
    responses=created(TemplateShown),
)
async def put_template(
    body: TemplateBody, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[TemplateShown]:
    """Enters the versions (201) or replaces them all (200). Frozen reports keep the one that they were made with."""
    await unit.execute(queries.LOCK)
    row = await queries.stored(unit)
    if row is not None:
        require_if_match(request, row["revision"])
    stated = body.model_dump(mode="json", exclude_none=True)["versions"]
    before = {"versions": row["versions"]} if row else None
    await record(unit, "statistics-template-stated", "statistics-template", before, {"versions": stated})
    return Versioned(_shown(stated), await queries.store(unit, row, stated), created=row is None)


def _shown(versions: object) -> TemplateShown:
    return TemplateShown.model_validate({"versions": versions})
