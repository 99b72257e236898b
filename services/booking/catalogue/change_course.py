"""Adding and changing courses and course packages."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlmodel import col
from starlette.requests import Request

from services.booking.catalogue import queries
from services.booking.catalogue.bodies import (
    CourseBody,
    CoursePatch,
    CourseShown,
    PackageBody,
    PackagePatch,
    PackageShown,
)
from services.booking.catalogue.events import course_changed, package_changed
from services.booking.catalogue.rules import prerequisite_circle, title_code, unknown_codes
from services.booking.catalogue.tables import Course, Package
from shared.audit.record import record
from shared.codes import Spellings, code_key
from shared.database.unit_of_work import Unit
from shared.web.etags import require_if_match
from shared.web.patching import patched, unchangeable
from shared.web.problems import FieldError, Problem, conflict, invalid

ONE_EDITOR = "LOCK TABLE courses IN SHARE ROW EXCLUSIVE MODE"
"""Two courses that begin to require each other at the same time would make a circle. Readers are not held up."""


async def add_course(unit: Unit, body: CourseBody) -> CourseShown:
    """A new course. Raises 422 for prerequisites that do not exist or lead in a circle, 409 when the code is taken."""
    await unit.execute(ONE_EDITOR)
    existing = await queries.prerequisites(unit)
    present = Spellings(existing).of(body.code)
    if present in existing:
        raise _taken(present)
    course = await _as_stored(unit, CourseShown(id=unit.ids.uuid7(), **body.model_dump()), existing)
    _check_prerequisites(course, existing)
    await unit.execute(insert(Course).values(revision=1, code_key=code_key(course.code), **course.model_dump()))
    await record(unit, "course-added", f"course/{course.code}", after=course.model_dump(exclude={"id"}))
    unit.emit(course_changed(course))
    return course


async def change_course(unit: Unit, request: Request, course_id: UUID, patch: CoursePatch) -> tuple[CourseShown, int]:
    """A course with the fields of the patch changed, and its new revision. Raises 404, 412, 428 and 422."""
    row = await queries.course_row(unit, course_id, lock=True)
    require_if_match(request, row["revision"])
    present = queries.course_shown(row)
    course = patched(CourseShown, present.model_dump(), _kept_code(present.code, patch))
    await unit.execute(ONE_EDITOR)
    existing = await queries.prerequisites(unit)
    course = await _as_stored(unit, course, existing)
    _check_prerequisites(course, existing)
    changed = (
        update(Course)
        .where(col(Course.id) == course.id)
        .values(revision=row["revision"] + 1, **course.model_dump(exclude={"id", "code"}))
    )
    await unit.execute(changed)
    await record(
        unit, "course-changed", f"course/{course.code}", before=present.model_dump(), after=course.model_dump()
    )
    unit.emit(course_changed(course))
    return course, row["revision"] + 1


async def add_package(unit: Unit, body: PackageBody) -> PackageShown:
    """A new course package. Raises 422 for courses that do not exist, 409 when the code is taken."""
    package = await _checked_package(unit, PackageShown(id=unit.ids.uuid7(), **body.model_dump()))
    await unit.execute("LOCK TABLE packages IN SHARE ROW EXCLUSIVE MODE")
    key = code_key(package.code)
    present = await unit.scalar(select(col(Package.code)).where(col(Package.code_key) == key))
    if present is not None:
        raise _taken(present)
    await unit.execute(insert(Package).values(revision=1, code_key=key, **package.model_dump()))
    await record(unit, "package-added", f"package/{package.code}", after=package.model_dump(exclude={"id"}))
    unit.emit(package_changed(package))
    return package


async def change_package(
    unit: Unit, request: Request, package_id: UUID, patch: PackagePatch
) -> tuple[PackageShown, int]:
    """A package with the fields of the patch changed, and its new revision. Raises 404, 412, 428 and 422."""
    row = await queries.package_row(unit, package_id, lock=True)
    require_if_match(request, row["revision"])
    present = queries.package_shown(row)
    package = patched(PackageShown, present.model_dump(), _kept_code(present.code, patch))
    package = await _checked_package(unit, package)
    changed = (
        update(Package)
        .where(col(Package.id) == package.id)
        .values(revision=row["revision"] + 1, **package.model_dump(exclude={"id", "code"}))
    )
    await unit.execute(changed)
    before, after = present.model_dump(), package.model_dump()
    await record(unit, "package-changed", f"package/{package.code}", before=before, after=after)
    unit.emit(package_changed(package))
    return package, row["revision"] + 1


async def retitle(unit: Unit, titles: Mapping[str, str | None]) -> None:
    """Courses and packages that name a title as text get its code where `titles` now has one."""
    for row in await unit.all(select(Course).order_by(col(Course.id)).with_for_update()):
        named = [title_code(title, titles) for title in row["titles"] or ()]
        if named != (row["titles"] or []):
            course = queries.course_shown(row).model_copy(update={"titles": named})
            changed = update(Course).where(col(Course.id) == course.id)
            await unit.execute(changed.values(titles=named, revision=row["revision"] + 1))
            unit.emit(course_changed(course))
    for row in await unit.all(select(Package).order_by(col(Package.id)).with_for_update()):
        named = [title_code(title, titles) for title in row["for_titles"]]
        if named != row["for_titles"]:
            package = queries.package_shown(row).model_copy(update={"for_titles": named})
            changed = update(Package).where(col(Package.id) == package.id)
            await unit.execute(changed.values(for_titles=named, revision=row["revision"] + 1))
            unit.emit(package_changed(package))


def unknown_courses(pointer: str, codes: Sequence[str], existing: Mapping[str, Any]) -> list[FieldError]:
    """An error for each code in a list of courses that is no course."""
    unknown = set(unknown_codes(codes, existing))
    return [
        FieldError(
            f"{pointer}/{place}",
            "unknown-course",
            f"Kursen {code} finns inte. Lägg in den först.",
            f"There is no course {code}. Add it first.",
        )
        for place, code in enumerate(codes)
        if code in unknown
    ]


async def _as_stored(unit: Unit, course: CourseShown, existing: Iterable[str]) -> CourseShown:
    """The course with the codes of others as they are stored: what is compared later needs no regard to case."""
    titles, qualification = await queries.title_names(unit), course.needs_qualification
    if qualification is not None:
        qualification = (await queries.qualification_codes(unit)).of(qualification)
    changed = {
        "requires": Spellings(existing).all(course.requires),
        "titles": None if course.titles is None else [title_code(title, titles) for title in course.titles],
        "needs_qualification": qualification,
    }
    return course.model_copy(update=changed)


async def _checked_package(unit: Unit, package: PackageShown) -> PackageShown:
    """The package with the codes of others as they are stored. Raises 422 for courses that do not exist."""
    existing, titles = await queries.prerequisites(unit), await queries.title_names(unit)
    courses = Spellings(existing).all(package.courses)
    _check_courses("courses", courses, existing)
    for_titles = [title_code(title, titles) for title in package.for_titles]
    return package.model_copy(update={"courses": courses, "for_titles": for_titles})


def _check_courses(field: str, codes: Sequence[str], existing: Mapping[str, Any]) -> None:
    errors = unknown_courses(f"/{field}", codes, existing)
    if errors:
        raise invalid(*errors)


def _check_prerequisites(body: CourseBody, existing: Mapping[str, Sequence[str]]) -> None:
    circle = prerequisite_circle(body.code, body.requires, existing)
    if circle:
        way = " → ".join(circle)
        raise invalid(
            FieldError(
                "/requires",
                "circle",
                f"Förkunskaperna går i cirkel: {way}.",
                f"The prerequisites go in a circle: {way}.",
            )
        )
    _check_courses("requires", body.requires, existing)


def _kept_code(present: str, patch: CoursePatch | PackagePatch) -> dict[str, Any]:
    """What a patch sends, with the code as it is stored."""
    sent = patch.model_dump(exclude_unset=True)
    if patch.code is None or patch.code == present:
        return sent
    if code_key(patch.code) != code_key(present):
        raise invalid(
            unchangeable(
                "code",
                "Koden kan inte ändras, andra hänvisar till den. Lägg in en ny i stället.",
                "The code cannot be changed, others refer to it. Add a new one instead.",
            )
        )
    return {**sent, "code": present}


def _taken(code: str) -> Problem:
    return conflict(
        "code-taken",
        f"Koden {code} finns redan (stora och små bokstäver är lika). Välj en annan, eller ändra den som finns.",
        f"The code {code} exists already (case makes no difference). Choose another, or change the one that exists.",
    )
