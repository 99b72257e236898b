"""A sheet: heading, for whom, a table of hours, and what identifies it. PDF/UA-1 by Typst."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from services.attendance.signatures.rules import Item
from shared.documents.typesetting import typeset
from shared.mail.rendering import Words, written_in
from shared.web.pages.formatting import day, hours, time_of
from shared.workshop import Workshop

Language = Literal["sv", "en"]
_TEMPLATE: Final = Path(__file__).parent / "sheet.typ"
WORDS: Mapping[str, Words] = {
    "eu": {"sv": "Medfinansieras av Europeiska unionen", "en": "Co-funded by the European Union"},
    "eu_emblem": {
        "sv": "Europeiska unionens flagga: tolv gula stjärnor i en ring på blå botten. "
        "Medfinansieras av Europeiska unionen.",
        "en": "The flag of the European Union: a circle of twelve yellow stars on blue. "
        "Co-funded by the European Union.",
    },
    "course": {"sv": "Kurs", "en": "Course"},
    "day": {"sv": "Dag", "en": "Day"},
    "time": {"sv": "Timmar", "en": "Hours"},
    "total": {"sv": "Summa", "en": "Total"},
    "hours": {"sv": "Närvaro", "en": "Attendance"},
    "about": {"sv": "Om dokumentet", "en": "About this document"},
    "what": {"sv": "Uppgift", "en": "Item"},
    "value": {"sv": "Värde", "en": "Value"},
}


@dataclass(frozen=True)
class Sheet:
    """What stands on a sheet. `name` is None where nobody may read it; `lines`: course, day and hours.

    `to_sign`: what stands below the lines for a signature, where there are any.
    """

    language: Language
    project: str
    title: str
    name: str | None
    lead: str
    lines: Sequence[tuple[str, str, str]]
    total: str
    about: Sequence[tuple[str, str]]
    to_sign: Sequence[str] = ()


async def printed(workshop: Workshop, sheet: Sheet, created: datetime) -> bytes:
    """The sheet as PDF: the same bytes for the same sheet and time."""
    words = {name: text[sheet.language] for name, text in WORDS.items()}
    return await workshop.run(typeset, _TEMPLATE, {**asdict(sheet), "words": words}, created)


def lines_of(items: Sequence[Item], language: Language) -> tuple[list[tuple[str, str, str]], str]:
    """Attested hours as the lines of a sheet, and their sum."""
    with written_in(language):
        lines = [(item.course_title, f"{day(item.starts_at)} {time_of(item)}", hours(item.minutes)) for item in items]
        return lines, hours(sum(item.minutes for item in items))
