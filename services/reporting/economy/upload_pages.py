"""A table of income and costs from a file, in four pages."""

from typing import Final

from services.reporting.economy.import_economy import EXPECTED, REQUIRED, import_economy
from services.reporting.file_tables.bodies import ImportShown
from services.reporting.file_tables.plan import missing_of
from shared.database.unit_of_work import Unit
from shared.imports.table import Table
from shared.security.roles import Role
from shared.uploads.kinds import FileKind, Progress, Texts
from shared.uploads.pages import upload_router
from shared.uploads.rules import Field
from shared.web.pages.languages import _

TEXTS: Final = Texts(
    heading=_("Income and costs from a file"),
    to_the_list=_("To the economy"),
    hints={
        "date": _("As 2027-03-02"),
        "kind": _("income, cost or carry-over; also intäkt, kostnad, förs över"),
        "category": _("As you call it, for example Project staff"),
        "amount": _("Kronor, as 1250,50 or 1250.50. What was wrong is put right by a row with a minus."),
        "note": _("Your own words"),
        "covers_from": _("The first day that the row is about. Empty: the beginning of the year."),
        "covers_to": _("The last day that the row is about. Empty: the end of its month."),
    },
)
ECONOMY: Final = FileKind(
    "economy-file",
    (
        Field("date", "Datum", "Date", ("dag", "bokföringsdatum", "verifikationsdatum")),
        Field("kind", "Slag", "Kind", ("typ", "intäkt eller kostnad")),
        Field("category", "Kategori", "Category", ("kostnadsslag", "konto", "benämning")),
        Field("amount", "Belopp", "Amount", ("kronor", "summa", "belopp kr")),
        Field("note", "Anteckning", "Note", ("text", "kommentar", "verifikationstext")),
        Field("covers_from", "Gäller från", "Covers from", ("period från",)),
        Field("covers_to", "Gäller till", "Covers to", ("period till",)),
    ),
    TEXTS,
    "/uppfoljning/ekonomi",
    missing_of(REQUIRED),
    EXPECTED,
    {
        ("kind", "literal_error"): (
            "Skriv intäkt, kostnad eller förs över.",
            "Write income, cost or carry-over.",
        )
    },
)


async def carry_out(
    unit: Unit, table: Table, about: str, *, dry_run: bool, language: str, progress: Progress
) -> ImportShown:
    return await import_economy(unit, table, dry_run=dry_run, language=language)


router = upload_router("/uppfoljning/ekonomi/fil", lambda path: ECONOMY, Role.COORDINATOR)
