"""The pages of the catalogue: courses, packages, municipalities with what they have promised, and the project."""

from typing import Any
from uuid import UUID

from starlette.requests import Request

from services.booking.catalogue import project_settings, queries
from services.booking.catalogue.bodies import (
    CourseBody,
    CoursePatch,
    MunicipalityHoursBody,
    NewSettingBody,
    PackageBody,
    PackagePatch,
    ProjectBody,
    ProjectHoursBody,
    SettingBody,
)
from services.booking.catalogue.change_course import add_course, add_package, change_course, change_package
from services.booking.catalogue.change_municipality import put_municipality
from services.booking.catalogue.change_project import change_project
from services.booking.catalogue.events import stored_settings
from services.booking.catalogue.setting_forms import KINDS, value_of
from shared.clock import local_day
from shared.contracts.types import MunicipalityCode
from shared.web.cursors import Page
from shared.web.etags import require_if_match
from shared.web.pages import Done, View, _, page_router
from shared.web.problems import conflict, not_found
from shared.web.routing import ANY, Role, Unit, allow

router = page_router()

COURSES, PACKAGES = "/boka/kurser", "/boka/paket"
MUNICIPALITIES, SETTINGS = "/boka/kommuner", "/boka/installningar"
EVERYTHING = Page(500, None)

# --- courses ---------------------------------------------------------------------------------------------------------


@router.get(COURSES)
async def course_list(unit: Unit = allow(*ANY)) -> View:
    """All courses, in order of title."""
    titles = await queries.course_titles(unit)
    rows = {row["code"]: queries.course_shown(row) for row in await queries.courses_page(unit, EVERYTHING)}
    return View("catalogue/courses.html", courses=[rows[code] for code in titles if code in rows], titles=titles)


@router.get(f"{COURSES}/ny")
async def new_course(unit: Unit = allow(Role.COORDINATOR)) -> View:
    return View("catalogue/course.html", course=None, **await _choices(unit))


@router.post(f"{COURSES}/ny")
async def enter_course(body: CourseBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await add_course(unit, body)
    return Done(COURSES, _("Saved."))


@router.get(f"{COURSES}/{{course_id}}")
async def one_course(course_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    row = await queries.course_row(unit, course_id)
    return View("catalogue/course.html", row["revision"], course=queries.course_shown(row), **await _choices(unit))


@router.post(f"{COURSES}/{{course_id}}")
async def save_course(
    course_id: UUID, body: CoursePatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Done:
    await change_course(unit, request, course_id, body)
    return Done(COURSES, _("Saved."))


# --- packages --------------------------------------------------------------------------------------------------------


@router.get(PACKAGES)
async def package_list(unit: Unit = allow(*ANY)) -> View:
    """The packages, each with its courses in order."""
    packages = [queries.package_shown(row) for row in await queries.packages_page(unit, EVERYTHING)]
    return View("catalogue/packages.html", packages=packages, **await _choices(unit))


@router.get(f"{PACKAGES}/nytt")
async def new_package(unit: Unit = allow(Role.COORDINATOR)) -> View:
    return View("catalogue/package.html", package=None, **await _choices(unit))


@router.post(f"{PACKAGES}/nytt")
async def enter_package(body: PackageBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await add_package(unit, body)
    return Done(PACKAGES, _("Saved."))


@router.get(f"{PACKAGES}/{{package_id}}")
async def one_package(package_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    row = await queries.package_row(unit, package_id)
    return View("catalogue/package.html", row["revision"], package=queries.package_shown(row), **await _choices(unit))


@router.post(f"{PACKAGES}/{{package_id}}")
async def save_package(
    package_id: UUID, body: PackagePatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Done:
    await change_package(unit, request, package_id, body)
    return Done(PACKAGES, _("Saved."))


async def _choices(unit: Unit) -> dict[str, Any]:
    """What the forms of courses and packages choose among."""
    titles = list((await queries.titles_shown(unit)).items())
    return {"course_titles": await queries.course_titles(unit), "titles": titles}


# --- municipalities --------------------------------------------------------------------------------------------------


@router.get(MUNICIPALITIES)
async def municipality_list(unit: Unit = allow(Role.COORDINATOR)) -> View:
    """The members of the project, and what each has promised."""
    found = {one.code: one for one in await queries.municipalities_page(unit, EVERYTHING)}
    names = await queries.municipality_names(unit)
    return View("catalogue/municipalities.html", municipalities=[found[code] for code in names if code in found])


@router.get(f"{MUNICIPALITIES}/ny")
async def new_municipality(unit: Unit = allow(Role.COORDINATOR)) -> View:
    return View("catalogue/municipality.html", municipality=None)


@router.post(f"{MUNICIPALITIES}/ny")
async def enter_municipality(body: MunicipalityHoursBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    project = await queries.existing_project(unit, lock=True)
    code = body.code or ""
    if await queries.municipality_row(unit, code) is not None:
        raise conflict("code-taken", "Kommunen finns redan.", "The municipality is there already.")
    await put_municipality(unit, project, code, None, body.entered())
    return Done(MUNICIPALITIES, _("Saved."))


@router.get(f"{MUNICIPALITIES}/{{code}}")
async def one_municipality(code: MunicipalityCode, unit: Unit = allow(Role.COORDINATOR)) -> View:
    shown, revision = await queries.municipality(unit, code)
    return View("catalogue/municipality.html", revision, municipality=shown)


@router.post(f"{MUNICIPALITIES}/{{code}}")
async def save_municipality(
    code: MunicipalityCode, body: MunicipalityHoursBody, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Done:
    project = await queries.existing_project(unit, lock=True)
    row = await queries.municipality_row(unit, code)
    if row is None:
        raise not_found("Kommunen", "The municipality")
    require_if_match(request, row["revision"])
    await put_municipality(unit, project, code, row, body.entered())
    return Done(MUNICIPALITIES, _("Saved."))


# --- the project and its settings ------------------------------------------------------------------------------------


@router.get(SETTINGS)
async def project_page(unit: Unit = allow(Role.COORDINATOR)) -> View:
    """The project, and what holds of each setting today."""
    row = await queries.existing_project(unit)
    shown, today = queries.project_shown(row), local_day(unit.recorded_at)
    dated = stored_settings(row["settings"])
    settings = [(key, project_settings.in_force(dated, key, today)) for key in project_settings.KEYS]
    return View("catalogue/project.html", row["revision"], project=shown, in_force=settings)


@router.post(SETTINGS)
async def save_project(body: ProjectHoursBody, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    row = await queries.existing_project(unit, lock=True)
    require_if_match(request, row["revision"])
    present = queries.project_shown(row)
    minutes = round(body.commitment_hours * 60)
    changed = body.model_dump(exclude={"commitment_hours", "period"})
    wanted = present.model_copy(update={**changed, "period": body.period, "commitment_minutes": minutes})
    await change_project(unit, row, wanted)
    return Done(SETTINGS, _("Saved."))


@router.get(f"{SETTINGS}/{{key}}")
async def one_setting(key: str, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """One setting: what has held since when, and a new value from a day on."""
    _known(key)
    row = await queries.existing_project(unit)
    dated = sorted((one for one in stored_settings(row["settings"]) if one.key == key), key=lambda one: one.valid_from)
    now = project_settings.in_force(dated, key, local_day(unit.recorded_at))
    return View("catalogue/setting.html", row["revision"], key=key, kind=KINDS[key], now=now, dated=dated)


@router.post(f"{SETTINGS}/{{key}}")
async def save_setting(key: str, body: NewSettingBody, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    _known(key)
    row = await queries.existing_project(unit, lock=True)
    require_if_match(request, row["revision"])
    present = queries.project_shown(row)
    others = [one for one in present.settings if (one.key, one.valid_from) != (key, body.valid_from)]
    new = SettingBody(key=key, value=value_of(key, body, present.period.to), valid_from=body.valid_from)
    wanted = ProjectBody.model_validate({**present.model_dump(by_alias=True), "settings": [*others, new]})
    await change_project(unit, row, wanted)
    return Done(SETTINGS, _("Saved."))


def _known(key: str) -> None:
    if not project_settings.is_known(key):
        raise not_found("Inställningen", "The setting")
