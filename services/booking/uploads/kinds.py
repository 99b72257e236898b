"""The files that fill booking: what they may hold, and what becomes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.booking.registration_imports.http import REGISTRATION_IMPORT
from services.booking.staff.file_import import FileImport
from services.booking.staff.http import STAFF_IMPORT
from services.booking.staff.vault import Vault
from services.booking.uploads.words import OF_REGISTRATIONS, OF_STAFF
from shared.database.unit_of_work import Unit
from shared.imports.reader import FileReader
from shared.imports.table import Table
from shared.jobs.worker import Kind
from shared.uploads.kinds import FileKind, Progress
from shared.uploads.rules import Field
from shared.uploads.run import file_job
from shared.web.problems import not_found

NUMBER = Field("personal_number", "Personnummer", "Personal number", ("pnr", "persnr", "personnr", "födelsenummer"))
MUNICIPALITY = Field("municipality", "Kommunkod", "Municipality code", ("kommun", "kommunnr"))
STAFF = FileKind(
    "staff-file",
    (
        NUMBER,
        Field("given_name", "Förnamn", "Given name", ("tilltalsnamn", "first name")),
        Field("family_name", "Efternamn", "Family name", ("last name", "surname")),
        Field("workplace", "Arbetsställe", "Workplace", ("arbetsplats", "enhet", "avdelning", "placering", "unit")),
        Field("title", "Titel", "Title", ("befattning", "yrke", "yrkestitel", "yrkesbenämning", "befattningstext")),
        Field("category", "Kategori", "Category", ("personalkategori", "grupp")),
        Field("email", "E-post", "E-mail", ("e-postadress", "mejl", "mejladress", "mail", "epost arbete")),
        Field("phone", "Telefon", "Phone", ("telefonnummer", "mobil", "mobilnummer", "mobiltelefon", "tfn")),
        Field("manager_email", "Chefens e-post", "Manager's e-mail", ("chef", "chefens mejl", "närmaste chef e-post")),
        Field("valid_from", "Anställd från", "Employed from", ("fr o m", "from", "startdatum", "anställningsdatum")),
        Field("valid_to", "Anställd till", "Employed until", ("t o m", "tom", "slutdatum", "avgångsdatum")),
        Field("kind", "Anställningsform", "Kind of employment", ("form",)),
        Field("employer_org_number", "Organisationsnummer", "Organisation number", ("orgnr", "arbetsgivare")),
        Field("gender", "Kön", "Gender", ("juridiskt kön",)),
        Field("language", "Språk", "Language", ("språkkod",)),
        Field("protected_identity", "Skyddad identitet", "Protected identity", ("skyddade personuppgifter",)),
        MUNICIPALITY,
    ),
    OF_STAFF,
    "/boka/personal",
    STAFF_IMPORT.missing,
    STAFF_IMPORT.expected,
    {
        **dict.fromkeys(
            (("email", "string_pattern_mismatch"), ("manager_email", "string_pattern_mismatch")),
            ("Skriv en e-postadress, som namn@kommun.se.", "Write an e-mail address, such as name@kommun.se."),
        ),
        ("phone", "string_pattern_mismatch"): ("Skriv numret som 070-123 45 67.", "Write the number as 070-123 45 67."),
        ("category", "literal_error"): ("Skriv bas, legitimerad eller övrig.", "Write bas, legitimerad or övrig."),
        ("kind", "literal_error"): ("Skriv anställd eller praktik.", "Write anställd or praktik."),
        ("gender", "literal_error"): (
            "Skriv kvinna, man, ickebinär eller okänt.",
            "Write kvinna, man or ickebinär.",
        ),
    },
)
REGISTRATIONS = FileKind(
    "registrations-file",
    (
        NUMBER,
        Field("course", "Kurskod", "Course code", ("kurs", "utbildning")),
        Field("date", "Datum", "Date", ("dag", "kursdatum", "kursdag")),
        Field("session_id", "Kurstillfälle", "Session", ("tillfälle", "tillfällesid")),
        MUNICIPALITY,
    ),
    OF_REGISTRATIONS,
    "/boka/kurstillfallen",
    REGISTRATION_IMPORT.missing,
    REGISTRATION_IMPORT.expected,
)
KINDS: Final = {"personal": STAFF, "anmalningar": REGISTRATIONS}
"""By how addresses call them."""


def kind_of(path: Mapping[str, Any]) -> FileKind:
    """Raises 404."""
    kind = KINDS.get(path["what"])
    if kind is None:
        raise not_found("Sidan", "The page")
    return kind


def file_jobs(vault: Vault, files: FileReader) -> list[Kind]:
    imports = ((STAFF, STAFF_IMPORT), (REGISTRATIONS, REGISTRATION_IMPORT))
    return [file_job(kind, _Carries(vault, one), vault.cipher, files) for kind, one in imports]


@dataclass(frozen=True)
class _Carries:
    """An import as uploads carry it out."""

    vault: Vault
    imports: FileImport[Any]

    async def __call__(
        self, unit: Unit, table: Table, about: str, *, dry_run: bool, language: str, progress: Progress
    ) -> Any:
        return await self.imports.carry_out(
            unit, self.vault, table, dry_run=dry_run, language=language, progress=progress
        )
