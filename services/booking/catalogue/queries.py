"""Reading the catalogue."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import col

from services.booking.catalogue import project_settings
from services.booking.catalogue.bodies import (
    CommitmentBody,
    CourseShown,
    MunicipalityShown,
    PackageShown,
    ProjectShown,
    SettingBody,
)
from services.booking.catalogue.events import stored_settings
from services.booking.catalogue.rules import Commitment, Statement
from services.booking.catalogue.tables import Commitment as CommitmentRow
from services.booking.catalogue.tables import (
    CommitmentStatement,
    Course,
    Municipality,
    Package,
    Project,
    Title,
)
from shared.codes import Spellings, code_key
from shared.database.conditions import by_id, where_given
from shared.database.unit_of_work import Unit
from shared.sorting import swedish_order
from shared.web.bodies import DaysBody
from shared.web.cursors import Page
from shared.web.pages.languages import LANGUAGE
from shared.web.problems import FieldError, conflict, invalid, not_found

QUALIFICATIONS = """
    SELECT needs_qualification AS code, id FROM courses WHERE needs_qualification IS NOT NULL
    UNION ALL
    SELECT held->>'code', id FROM trainers, jsonb_array_elements(qualifications) AS held
    ORDER BY id, code
"""

UNKNOWN_MUNICIPALITY = FieldError(
    "/municipality",
    "unknown-municipality",
    "Kommunen är inte med i projektet. Kontrollera koden.",
    "The municipality is not in the project. Check the code.",
)

# --- project ---------------------------------------------------------------------------------------------------------


async def project_row(unit: Unit, *, lock: bool = False) -> RowMapping | None:
    """The project's row; `lock` holds it until commit, so that all that follows from its commitment is split once."""
    statement = select(Project)
    return await unit.one_or_none(statement.with_for_update() if lock else statement)


async def existing_project(unit: Unit, *, lock: bool = False) -> RowMapping:
    """The project's row. Raises 409 while there is none."""
    row = await project_row(unit, lock=lock)
    if row is None:
        raise conflict(
            "project-missing",
            "Projektet är inte inlagt än. Lägg in det först.",
            "The project has not been entered yet. Enter it first.",
        )
    return row


def project_shown(row: RowMapping) -> ProjectShown:
    return ProjectShown(
        name=row["name"],
        period=DaysBody(from_=row["period_from"], to=row["period_to"]),
        grant=row["grant_amount"],
        commitment_minutes=row["commitment_minutes"],
        settings=[SettingBody.model_validate(setting) for setting in row["settings"]],
    )


async def ensure_municipality(unit: Unit, code: str | None) -> None:
    """Raises 422 for a code that no municipality of the project has; none at all is well."""
    if code is None:
        return
    if await unit.scalar(select(col(Municipality.code)).where(col(Municipality.code) == code)) is None:
        raise invalid(UNKNOWN_MUNICIPALITY)


async def setting_on(unit: Unit, key: str, day: date) -> Any:
    """The value of a project setting on a local day; its default while there is no project."""
    rows = await unit.scalar(select(col(Project.settings)))
    return project_settings.in_force(stored_settings(rows or ()), key, day)


# --- municipalities --------------------------------------------------------------------------------------------------


async def municipality_row(unit: Unit, code: str) -> RowMapping | None:
    return await unit.one_or_none(select(Municipality).where(col(Municipality.code) == code))


async def all_statements(unit: Unit) -> list[Statement]:
    """What was entered for all municipalities."""
    rows = await unit.all(select(CommitmentStatement))
    return [Statement(row["municipality"], row["valid_from"], row["employees"], row["minutes"]) for row in rows]


async def all_commitments(unit: Unit) -> list[Commitment]:
    """What follows from it, as stored; by municipality, each in order of time."""
    order = (col(CommitmentRow.municipality), col(CommitmentRow.valid_from))
    rows = await unit.all(select(CommitmentRow).order_by(*order))
    return [
        Commitment(row["municipality"], row["valid_from"], row["employees"], row["minutes"], row["computed"])
        for row in rows
    ]


def by_municipality(commitments: Sequence[Commitment]) -> dict[str, list[Commitment]]:
    """The histories apart, each in order of time."""
    histories: dict[str, list[Commitment]] = defaultdict(list)
    for commitment in sorted(commitments, key=lambda each: each.valid_from):
        histories[commitment.municipality].append(commitment)
    return histories


def municipality_shown(
    row: RowMapping, statements: Sequence[Statement], history: Sequence[Commitment]
) -> MunicipalityShown:
    """A municipality with what was entered for the latest day; `statements` and `history` are its own."""
    latest = max(statements, key=lambda statement: statement.valid_from)
    return MunicipalityShown(
        code=row["code"],
        name=row["name"],
        org_number=row["org_number"],
        employees=latest.employees,
        commitment_minutes=history[-1].minutes,
        commitment_computed=latest.minutes is None,
        contact_email=row["contact_email"],
        valid_from=latest.valid_from,
        commitments=[
            CommitmentBody(minutes=each.minutes, employees=each.employees, valid_from=each.valid_from)
            for each in history
        ],
    )


async def municipalities_page(unit: Unit, page: Page) -> list[MunicipalityShown]:
    """Municipalities in order of code."""
    rows = await unit.all(page.cut(select(Municipality), col(Municipality.code), str))
    statements, histories = await all_statements(unit), by_municipality(await all_commitments(unit))
    return [
        municipality_shown(
            row, [each for each in statements if each.municipality == row["code"]], histories[row["code"]]
        )
        for row in rows
    ]


async def municipality(unit: Unit, code: str) -> tuple[MunicipalityShown, int]:
    """One municipality and its revision. Raises 404."""
    row = await municipality_row(unit, code)
    if row is None:
        raise not_found("Kommunen", "The municipality")
    statements = [each for each in await all_statements(unit) if each.municipality == code]
    history = by_municipality(await all_commitments(unit))[code]
    return municipality_shown(row, statements, history), row["revision"]


# --- courses and packages --------------------------------------------------------------------------------------------


def course_shown(row: RowMapping) -> CourseShown:
    return CourseShown.model_validate(dict(row))


def package_shown(row: RowMapping) -> PackageShown:
    return PackageShown.model_validate(dict(row))


async def course_row(unit: Unit, course_id: UUID, *, lock: bool = False) -> RowMapping:
    """One course. Raises 404."""
    return await unit.found(by_id(Course, course_id, lock=lock), missing=not_found("Kursen", "The course"))


async def package_row(unit: Unit, package_id: UUID, *, lock: bool = False) -> RowMapping:
    """One package. Raises 404."""
    return await unit.found(by_id(Package, package_id, lock=lock), missing=not_found("Kurspaketet", "The package"))


async def courses_page(
    unit: Unit, page: Page, *, code: str | None = None, term: str | None = None
) -> Sequence[RowMapping]:
    """Courses in order of code."""
    conditions = where_given((Course.code_key, code and code_key(code)), (Course.term, term))
    return await unit.all(page.cut(select(Course).where(*conditions), col(Course.code), str))


async def packages_page(unit: Unit, page: Page) -> Sequence[RowMapping]:
    """Packages in order of code."""
    return await unit.all(page.cut(select(Package), col(Package.code), str))


async def prerequisites(unit: Unit) -> dict[str, list[str]]:
    """The prerequisites of every course, by code, in the order in which the courses were added."""
    rows = await unit.all(select(col(Course.code), col(Course.requires)).order_by(col(Course.id)))
    return {row["code"]: row["requires"] for row in rows}


async def stored_course(unit: Unit, code: str) -> str:
    """The code of a course as it is stored, whatever its case here; the text itself when there is none."""
    return Spellings(await prerequisites(unit)).of(code)


async def qualification_codes(unit: Unit) -> Spellings:
    """The qualifications that courses need and trainers have."""
    rows = await unit.all(QUALIFICATIONS)
    return Spellings(row["code"] for row in rows)


# --- titles ----------------------------------------------------------------------------------------------------------


async def title_names(unit: Unit) -> dict[str, str | None]:
    """The Swedish title, if any, of each code."""
    rows = await unit.all(select(col(Title.title), col(Title.title_sv)).order_by(col(Title.position)))
    return {row["title"]: row["title_sv"] for row in rows}


def title_shown(code: str, swedish: str | None) -> str:
    """A title on a page: its Swedish name, else the code; in English the code, which is English, as a name."""
    return swedish or code if LANGUAGE.get() == "sv" else (code[:1].upper() + code[1:]).replace("_", " ")


async def titles_shown(unit: Unit) -> dict[str, str]:
    """What each title is called on a page, by its code."""
    return {code: title_shown(code, swedish) for code, swedish in (await title_names(unit)).items()}


# --- for lists to choose from ----------------------------------------------------------------------------------------


async def course_titles(unit: Unit) -> dict[str, str]:
    """The title of each course by its code, in order of title."""
    rows = await unit.all(select(col(Course.code), col(Course.title)))
    return dict(sorted(((row["code"], row["title"]) for row in rows), key=lambda pair: swedish_order(pair[1])))


async def municipality_names(unit: Unit) -> dict[str, str]:
    """The name of each municipality by its code, in order of name."""
    rows = await unit.all(select(col(Municipality.code), col(Municipality.name)))
    return dict(sorted(((row["code"], row["name"]) for row in rows), key=lambda pair: swedish_order(pair[1])))
