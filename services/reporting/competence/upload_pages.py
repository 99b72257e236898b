"""A year's competence mapping from a file, in four pages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from services.reporting.competence.enter import EXPECTED, REQUIRED, import_cells
from services.reporting.file_tables.bodies import ImportShown
from services.reporting.file_tables.plan import missing_of
from shared.database.unit_of_work import Unit
from shared.imports.table import Table
from shared.security.roles import Role
from shared.uploads.kinds import FileKind, Progress, Texts
from shared.uploads.pages import upload_router
from shared.uploads.rules import Field
from shared.web.fields import FIRST_YEAR, LAST_YEAR
from shared.web.pages.languages import _
from shared.web.problems import not_found

TEXTS: Final = Texts(
    heading=_("The competence of %(about)s from a file"),
    to_the_list=_("To the year's mapping"),
    hints={
        "organisation": _("The municipality or unit, as Nora"),
        "occupation": _("As you call it, for example Undersköterska"),
        "level": _("surplus, sustainable, vulnerable or shortage; also överskott, hållbart, sårbart, brist"),
        "comment": _("Your own words"),
    },
)
COMPETENCE: Final = FileKind(
    "competence-file",
    (
        Field("organisation", "Organisation", "Organisation", ("kommun", "enhet", "arbetsgivare")),
        Field("occupation", "Yrke", "Occupation", ("yrkesgrupp", "yrkestitel", "titel")),
        Field("level", "Nivå", "Level", ("läge", "bedömning", "status")),
        Field("comment", "Kommentar", "Comment", ("anmärkning", "anteckning")),
    ),
    TEXTS,
    "/uppfoljning/kompetens",
    missing_of(REQUIRED),
    EXPECTED,
    {
        ("level", "literal_error"): (
            "Skriv överskott, hållbart, sårbart eller brist.",
            "Write surplus, sustainable, vulnerable or shortage.",
        )
    },
)


def of_year(path: Mapping[str, Any]) -> FileKind:
    """Raises 404 for what is no year."""
    year = str(path["year"])
    if not (year.isdecimal() and FIRST_YEAR <= int(year) <= LAST_YEAR):
        raise not_found("Sidan", "The page")
    return replace(COMPETENCE, about=year, back=f"{COMPETENCE.back}/{year}")


async def carry_out(
    unit: Unit, table: Table, about: str, *, dry_run: bool, language: str, progress: Progress
) -> ImportShown:
    return await import_cells(unit, int(about), table, dry_run=dry_run, language=language)


router = upload_router("/uppfoljning/kompetens/{year}/fil", of_year, Role.COORDINATOR)
