"""The calls about staff: a municipality its own, the coordinator everybody's."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Query, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.booking.staff import queries
from services.booking.staff.add_staff import add_staff
from services.booking.staff.bodies import (
    ImportShown,
    JobBegunShown,
    NumberBody,
    StaffBody,
    StaffChangedShown,
    StaffPatch,
    StaffShown,
)
from services.booking.staff.change_staff import change_staff, end_employment
from services.booking.staff.file_import import FileImport
from services.booking.staff.find_by_number import find_by_number
from services.booking.staff.import_staff import EXPECTED, import_staff, missing_columns
from services.booking.staff.queries import Wanted
from services.booking.staff.vault import TheVault
from shared.contracts.types import MunicipalityCode
from shared.imports.reader import Upload, reading
from shared.web.cursors import Listing, Paging
from shared.web.fields import Day, Line
from shared.web.openapi import problems
from shared.web.routing import Role, Unit, Versioned, allow, beforehand, service_router

STAFF_IMPORT = FileImport("staff-import", EXPECTED, missing_columns, import_staff)

router = service_router(tag="staff")
read_upload = reading(EXPECTED)


@router.get("/v1/staff")
async def list_staff(
    page: Paging,
    municipality: MunicipalityCode | None = None,
    participant_id: UUID | None = None,
    workplace: Line | None = None,
    valid_on: Annotated[Day | None, Query(description="In force on this local day.")] = None,
    q: Annotated[Line | None, Query(description="What the name or the e-mail begins with, in any case.")] = None,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Listing[StaffShown]:
    """The employments, in the order in which they were added; a municipality sees its own."""
    wanted = Wanted(municipality, participant_id, workplace, valid_on, q)
    rows = await queries.staff_page(unit, wanted, page)
    return page.answer(rows, lambda row: [row.id], lambda row: row)


@router.post("/v1/staff/search")
async def search_staff(
    body: NumberBody, vault: TheVault, page: Paging, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Listing[StaffShown]:
    """The employments of the person with this number, also with one that the person had before.

    The number stands in the body: it never stands in an address.
    """
    rows = await find_by_number(unit, vault, body.personal_number, page)
    return page.answer(rows, lambda row: [row.id], lambda row: row)


@router.post(
    "/v1/staff", status_code=201, responses={403: problems("coordinator-only"), 409: problems("already-employed")}
)
async def post_staff(
    body: StaffBody, vault: TheVault, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Versioned[StaffShown]:
    """Adds an employment; the same personal number is the same participant, whoever the employer is."""
    shown = await add_staff(unit, vault, body)
    return Versioned(shown, 1)


@router.post(
    "/v1/staff/import",
    responses={413: problems("file-too-large"), 415: problems("unsupported-file"), 202: {"model": JobBegunShown}},
)
async def post_import(
    file: Annotated[
        UploadFile, File(description="CSV or XLSX; the columns are named as the fields of the staff body.")
    ],
    vault: TheVault,
    request: Request,
    response: Response,
    dry_run: Annotated[bool, Query(description="Only say what would become of each row.")] = True,
    upload: Upload = beforehand(read_upload),
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> ImportShown | JobBegunShown:
    """Adds and updates employments from a file: all rows, or none when one is wrong. Above 1,000 rows it is a job."""
    return await STAFF_IMPORT.take(unit, vault, upload, request, response, dry_run=dry_run)


@router.get("/v1/staff/{staff_id}")
async def show_staff(staff_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> Versioned[StaffShown]:
    """One employment."""
    return Versioned(*await queries.staff(unit, staff_id))


@router.patch("/v1/staff/{staff_id}", responses={403: problems("coordinator-only"), 409: problems("already-employed")})
async def patch_staff(
    staff_id: UUID,
    patch: StaffPatch,
    request: Request,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Versioned[StaffChangedShown]:
    """Changes the fields that are sent; what has a history changes from `valid_from` on."""
    return Versioned(*await change_staff(unit, request, staff_id, patch))


@router.delete("/v1/staff/{staff_id}")
async def delete_staff(
    staff_id: UUID,
    request: Request,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Versioned[StaffChangedShown]:
    """Ends the employment on the local day of the act; seats on later sessions go to those who wait."""
    return Versioned(*await end_employment(unit, request, staff_id))
