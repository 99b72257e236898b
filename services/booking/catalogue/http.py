"""The calls of the catalogue: everybody with a token reads, the coordinator writes."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request

from services.booking.catalogue import queries
from services.booking.catalogue.bodies import (
    CourseBody,
    CoursePatch,
    CourseShown,
    MunicipalityBody,
    MunicipalityShown,
    PackageBody,
    PackagePatch,
    PackageShown,
    ProjectBody,
    ProjectShown,
)
from services.booking.catalogue.change_course import add_course, add_package, change_course, change_package
from services.booking.catalogue.change_municipality import put_municipality
from services.booking.catalogue.change_project import change_project, enter_project
from services.booking.fields import Term
from shared.contracts.types import MunicipalityCode
from shared.web.cursors import Listing, Paging
from shared.web.etags import require_if_match
from shared.web.fields import Code
from shared.web.openapi import created, problems
from shared.web.problems import not_found
from shared.web.routing import ANY, Role, Unit, Versioned, allow, service_router

router = service_router(tag="catalogue")


@router.get("/v1/project", responses={404: problems("not-found")})
async def show_project(unit: Unit = allow(*ANY)) -> Versioned[ProjectShown]:
    """The project and its dated settings."""
    row = await queries.project_row(unit)
    if row is None:
        raise not_found("Projektet", "The project")
    return Versioned(queries.project_shown(row), row["revision"])


@router.put("/v1/project", responses=created(ProjectShown))
async def put_project(
    body: ProjectBody, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[ProjectShown]:
    """Enters the project (201) or replaces it (200)."""
    await unit.execute("LOCK TABLE project IN SHARE ROW EXCLUSIVE MODE")
    row = await queries.project_row(unit)
    if row is None:
        revision = await enter_project(unit, body)
    else:
        require_if_match(request, row["revision"])
        revision = await change_project(unit, row, body)
    return Versioned(queries.project_shown(await queries.existing_project(unit)), revision, created=row is None)


@router.get("/v1/municipalities")
async def list_municipalities(page: Paging, unit: Unit = allow(*ANY)) -> Listing[MunicipalityShown]:
    """The members of the project with their commitments, in order of code."""
    rows = await queries.municipalities_page(unit, page)
    return page.answer(rows, lambda row: [row.code], lambda row: row)


@router.get("/v1/municipalities/{code}")
async def show_municipality(code: MunicipalityCode, unit: Unit = allow(*ANY)) -> Versioned[MunicipalityShown]:
    """One member."""
    return Versioned(*await queries.municipality(unit, code))


@router.put("/v1/municipalities/{code}", responses=created(MunicipalityShown) | {409: problems("project-missing")})
async def enter_municipality(
    code: MunicipalityCode, body: MunicipalityBody, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[MunicipalityShown]:
    """Enters a municipality (201) or changes it and its commitment from a day on (200)."""
    project = await queries.existing_project(unit, lock=True)
    row = await queries.municipality_row(unit, code)
    if row is not None:
        require_if_match(request, row["revision"])
    await put_municipality(unit, project, code, row, body)
    return Versioned(*await queries.municipality(unit, code), created=row is None)


@router.get("/v1/courses")
async def list_courses(
    page: Paging,
    code: Annotated[Code | None, Query(description="Only the course with this code.")] = None,
    term: Annotated[Term | None, Query(description="Only courses of this term, `2026H2`.")] = None,
    unit: Unit = allow(*ANY),
) -> Listing[CourseShown]:
    """The courses, in order of code."""
    rows = await queries.courses_page(unit, page, code=code, term=term)
    return page.answer(rows, lambda row: [row["code"]], queries.course_shown)


@router.post("/v1/courses", status_code=201, responses={409: problems("code-taken")})
async def post_course(body: CourseBody, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[CourseShown]:
    """Adds a course."""
    course = await add_course(unit, body)
    return Versioned(course, 1)


@router.get("/v1/courses/{course_id}")
async def show_course(course_id: UUID, unit: Unit = allow(*ANY)) -> Versioned[CourseShown]:
    """One course."""
    row = await queries.course_row(unit, course_id)
    return Versioned(queries.course_shown(row), row["revision"])


@router.patch("/v1/courses/{course_id}")
async def patch_course(
    course_id: UUID, patch: CoursePatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[CourseShown]:
    """Changes the fields that are sent."""
    return Versioned(*await change_course(unit, request, course_id, patch))


@router.get("/v1/packages")
async def list_packages(page: Paging, unit: Unit = allow(*ANY)) -> Listing[PackageShown]:
    """The course packages, in order of code."""
    rows = await queries.packages_page(unit, page)
    return page.answer(rows, lambda row: [row["code"]], queries.package_shown)


@router.post("/v1/packages", status_code=201, responses={409: problems("code-taken")})
async def post_package(body: PackageBody, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[PackageShown]:
    """Adds a course package."""
    package = await add_package(unit, body)
    return Versioned(package, 1)


@router.get("/v1/packages/{package_id}")
async def show_package(package_id: UUID, unit: Unit = allow(*ANY)) -> Versioned[PackageShown]:
    """One course package."""
    row = await queries.package_row(unit, package_id)
    return Versioned(queries.package_shown(row), row["revision"])


@router.patch("/v1/packages/{package_id}")
async def patch_package(
    package_id: UUID, patch: PackagePatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[PackageShown]:
    """Changes the fields that are sent."""
    return Versioned(*await change_package(unit, request, package_id, patch))
