"""The call that registers from a file: a municipality its own staff, the coordinator everybody's."""

from typing import Annotated

from fastapi import File, Query, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.booking.registration_imports.bodies import RegistrationsImportShown
from services.booking.registration_imports.import_registrations import EXPECTED, import_registrations, missing_columns
from services.booking.staff.bodies import JobBegunShown
from services.booking.staff.file_import import FileImport
from services.booking.staff.vault import TheVault
from shared.imports.reader import Upload, reading
from shared.web.openapi import problems
from shared.web.routing import Role, Unit, allow, beforehand, service_router

router = service_router(tag="registrations")
read_upload = reading(EXPECTED)
REGISTRATION_IMPORT = FileImport("registration-import", EXPECTED, missing_columns, import_registrations)


@router.post(
    "/v1/registrations/import",
    responses={413: problems("file-too-large"), 415: problems("unsupported-file"), 202: {"model": JobBegunShown}},
)
async def post_import(
    file: Annotated[
        UploadFile,
        File(description="CSV or XLSX with the columns `personal_number`, and `session_id` or `course` and `date`."),
    ],
    vault: TheVault,
    request: Request,
    response: Response,
    dry_run: Annotated[bool, Query(description="Only say what would become of each row.")] = True,
    upload: Upload = beforehand(read_upload),
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> RegistrationsImportShown | JobBegunShown:
    """Registers each row for itself, or nobody when one row is wrong. Above 1,000 rows it is a job."""
    return await REGISTRATION_IMPORT.take(unit, vault, upload, request, response, dry_run=dry_run)
