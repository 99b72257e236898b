"""The files that may be uploaded: what they may hold, and what becomes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from services.booking.registration_imports.http import REGISTRATION_IMPORT
from services.booking.staff.file_import import FileImport
from services.booking.staff.http import STAFF_IMPORT
from services.booking.uploads.rules import Field

What = Literal["personal", "anmalningar"]
"""As the addresses say it."""
NUMBER = Field("personal_number", "Personnummer", "Personal number", ("pnr", "persnr", "personnr", "födelsenummer"))
MUNICIPALITY = Field("municipality", "Kommunkod", "Municipality code", ("kommun", "kommunnr"))


@dataclass(frozen=True)
class FileKind:
    """A kind of file. Its columns can be any of `fields`."""

    name: str
    imports: FileImport[Any]
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


STAFF = FileKind(
    "staff-file",
    STAFF_IMPORT,
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
)
REGISTRATIONS = FileKind(
    "registrations-file",
    REGISTRATION_IMPORT,
    (
        NUMBER,
        Field("course", "Kurskod", "Course code", ("kurs", "utbildning")),
        Field("date", "Datum", "Date", ("dag", "kursdatum", "kursdag")),
        Field("session_id", "Kurstillfälle", "Session", ("tillfälle", "tillfällesid")),
        MUNICIPALITY,
    ),
)
KINDS: Final[Mapping[What, FileKind]] = {"personal": STAFF, "anmalningar": REGISTRATIONS}
