"""The calls of the economy: the project office takes tables in, the funder reads too."""

from typing import Annotated

from fastapi import File, Query, UploadFile
from starlette.requests import Request

from services.reporting.economy.bodies import EconomyShown
from services.reporting.economy.import_economy import EXPECTED, import_economy
from services.reporting.economy.queries import economy, entries_of
from services.reporting.figures.asking import counting
from services.reporting.figures.project import project_period
from services.reporting.file_tables.bodies import ImportShown
from shared.imports.reader import Upload, reading
from shared.web.fields import FIRST_YEAR, LAST_YEAR
from shared.web.openapi import problems
from shared.web.problems import language_of
from shared.web.routing import Role, Unit, allow, beforehand, service_router

router = service_router(tag="economy")
read_upload = reading(EXPECTED)
Year = Annotated[int, Query(ge=FIRST_YEAR, le=LAST_YEAR)]


@router.post("/v1/economy/import", responses={413: problems("file-too-large"), 415: problems("unsupported-file")})
async def post_economy(
    file: Annotated[
        UploadFile,
        File(description="CSV or XLSX: `date`, `kind` (income, cost, carry-over), `category`, `amount`, `note`."),
    ],
    request: Request,
    dry_run: Annotated[bool, Query(description="Only say what would become of each row.")] = True,
    upload: Upload = beforehand(read_upload),
    unit: Unit = allow(Role.COORDINATOR),
) -> ImportShown:
    """Adds the rows of a table. A row that is there already is `unchanged`; one bad row stores nothing.

    `covers_from` and `covers_to` say which days a row is about; without them the year until the end of its month.
    Columns and kinds also in Swedish: datum, slag, kategori, belopp, anteckning, gäller från, gäller till.
    """
    return await import_economy(unit, upload.table, dry_run=dry_run, language=language_of(request))


@router.get("/v1/economy")
async def show_economy(year: Year, unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> EconomyShown:
    """What was paid in, spent and carried over in a year, with the months that this covers."""
    return economy(year, await entries_of(unit, year), await project_period(unit, await counting(unit)))
