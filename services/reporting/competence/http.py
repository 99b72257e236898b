"""The calls of the competence mapping."""

from typing import Annotated

from fastapi import File, Query, UploadFile
from starlette.requests import Request

from services.reporting.competence.bodies import CompetenceBody, CompetenceShown, Year
from services.reporting.competence.enter import EXPECTED, import_cells, replace_year
from services.reporting.competence.queries import competence
from services.reporting.file_tables.bodies import ImportShown
from shared.imports.reader import Upload, reading
from shared.web.openapi import created, problems
from shared.web.problems import language_of
from shared.web.routing import Role, Unit, Versioned, allow, beforehand, service_router

router = service_router(tag="competence")
read_upload = reading(EXPECTED)


@router.get("/v1/competence/{year}")
async def show_competence(year: Year, unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> Versioned[CompetenceShown]:
    """How each organisation stands with each occupation; no rows before anything was entered."""
    return Versioned(*await competence(unit, year))


@router.put("/v1/competence/{year}", responses=created(CompetenceShown))
async def put_competence(
    year: Year, body: CompetenceBody, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[CompetenceShown]:
    """Enters a year's matrix (201), or replaces it (200)."""
    shown, revision = await replace_year(unit, request, year, body)
    return Versioned(shown, revision, created=revision == 1)


@router.post(
    "/v1/competence/{year}/import",
    responses={413: problems("file-too-large"), 415: problems("unsupported-file")},
)
async def post_cells(
    year: Year,
    file: Annotated[UploadFile, File(description="CSV or XLSX with `organisation`, `occupation`, `level`, `comment`.")],
    request: Request,
    dry_run: Annotated[bool, Query(description="Only say what would become of each row.")] = True,
    upload: Upload = beforehand(read_upload),
    unit: Unit = allow(Role.COORDINATOR),
) -> ImportShown:
    """Adds or replaces cells; those that the file does not name stay. One bad row stores nothing.

    Also in Swedish: the columns yrke, nivå and kommentar, the levels överskott, hållbart, sårbart and brist.
    """
    return await import_cells(unit, year, upload.table, dry_run=dry_run, language=language_of(request))
