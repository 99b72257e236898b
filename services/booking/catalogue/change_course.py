"""Adding and changing courses and course packages."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, insert, update
from sqlmodel import col

from services.booking.audit.record import record
from services.booking.bodies import patched, unchangeable
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
from services.booking.catalogue.rules import prerequisite_circle, unknown_codes
from services.booking.catalogue.tables import Course, Package
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, Problem, conflict, invalid

ONE_EDITOR = "LOCK TABLE courses IN SHARE ROW EXCLUSIVE MODE"
"""Two courses that begin to require each other at the same time would make a circle. Readers are not held up."""


async def add_course(unit: Unit, body: CourseBody) -> CourseShown:
    """A new course. Raises 422 for prerequisites that do not exist or lead in a circle, 409 when the code is taken."""
    await unit.execute(ONE_EDITOR)
    existing = await queries.prerequisites(unit)
    if body.code in existing:
        raise _taken(body.code)
    _check_prerequisites(body, existing)
    course = CourseShown(id=unit.ids.uuid7(), **body.model_dump())
    await unit.execute(insert(Course).values(revision=1, **course.model_dump()))
    await record(unit, "course-added", f"course/{course.code}", after=body.model_dump())
    unit.emit(course_changed(course))
    return course


async def change_course(unit: Unit, row: RowMapping, patch: CoursePatch) -> tuple[CourseShown, int]:
    """A course with the fields of the patch changed, and its new revision. Raises 422 as `add_course` does."""
    present = queries.course_shown(row)
    _keep_code(present.code, patch.code)
    course = patched(CourseShown, present.model_dump(), patch.model_dump(exclude_unset=True))
    await unit.execute(ONE_EDITOR)
    _check_prerequisites(course, await queries.prerequisites(unit))
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
    _check_courses("courses", body.courses, await queries.prerequisites(unit))
    package = PackageShown(id=unit.ids.uuid7(), **body.model_dump())
    await unit.execute("LOCK TABLE packages IN SHARE ROW EXCLUSIVE MODE")
    if await unit.scalar("SELECT 1 FROM packages WHERE code = :code", {"code": body.code}):
        raise _taken(body.code)
    await unit.execute(insert(Package).values(revision=1, **package.model_dump()))
    await record(unit, "package-added", f"package/{package.code}", after=body.model_dump())
    unit.emit(package_changed(package))
    return package


async def change_package(unit: Unit, row: RowMapping, patch: PackagePatch) -> tuple[PackageShown, int]:
    """A package with the fields of the patch changed, and its new revision."""
    present = queries.package_shown(row)
    _keep_code(present.code, patch.code)
    package = patched(PackageShown, present.model_dump(), patch.model_dump(exclude_unset=True))
    _check_courses("courses", package.courses, await queries.prerequisites(unit))
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


def _keep_code(present: str, wanted: str | None) -> None:
    if wanted is not None and wanted != present:
        raise invalid(
            unchangeable(
                "code",
                "Koden kan inte ändras, andra hänvisar till den. Lägg in en ny i stället.",
                "The code cannot be changed, others refer to it. Add a new one instead.",
            )
        )


def _taken(code: str) -> Problem:
    return conflict(
        "code-taken",
        f"Koden {code} används redan. Välj en annan, eller ändra den som finns (PATCH).",
        f"The code {code} is already in use. Choose another, or change the one that exists (PATCH).",
    )
