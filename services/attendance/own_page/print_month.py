"""What a participant signs or has signed, as a document to keep."""

from datetime import date

from services.attendance.catalogue.queries import frame
from services.attendance.links.admission import Holder
from services.attendance.people.contacts import contact_of
from services.attendance.sheets.sheet import Language, Sheet, lines_of, printed
from services.attendance.signatures.queries import month_of
from services.attendance.signatures.rules import Month
from shared.database.unit_of_work import Unit
from shared.mail.rendering import Words, written_in
from shared.web.pages.formatting import moment, month_name
from shared.web.problems import not_found
from shared.workshop import Workshop

TEXTS: dict[str, Words] = {
    "title": {"sv": "Timmar i {month}", "en": "Hours of {month}"},
    "lead": {
        "sv": "Attesterad närvaro på kurs under månaden, {hours}.",
        "en": "Attested attendance of courses during the month, {hours}.",
    },
    "signed": {"sv": "Underskrivet", "en": "Signed"},
    "code": {"sv": "{at}, med personlig länk och kod", "en": "{at}, by personal link and code"},
    "paper": {"sv": "{at}, på papper", "en": "{at}, on paper"},
    "not": {"sv": "nej", "en": "no"},
    "hash": {"sv": "SHA-256 av underlaget", "en": "SHA-256 of what is signed"},
    "here": {"sv": "Ort, datum och underskrift", "en": "Place, date and signature"},
}


async def print_month(unit: Unit, workshop: Workshop, link: Holder, name: str, language: Language) -> bytes:
    """A month of the holder; as long as it is not signed, with a line to sign on paper. Raises 404 for an empty one."""
    async with unit.as_system():
        month = await month_of(unit, link.participant_id, name)
        if not month.items:
            raise not_found("Månaden", "The month")
        contact = await contact_of(unit, link.participant_id, link.employment_id)
        project = (await frame(unit)).project
    created = month.signed_at if month.state == "signed" else None
    sheet = _sheet(month, language, project, contact.name if contact else None)
    return await printed(workshop, sheet, created or max(item.attested_at for item in month.items))


def _sheet(month: Month, language: Language, project: str, name: str | None) -> Sheet:
    lines, total = lines_of(month.items, language)
    said = {key: words[language] for key, words in TEXTS.items()}
    signed_at = month.signed_at if month.state == "signed" else None
    with written_in(language):
        called = month_name(date.fromisoformat(f"{month.month}-01"))
        signed = said[str(month.method)].format(at=moment(signed_at)) if signed_at else said["not"]
    return Sheet(
        language=language,
        project=project,
        title=said["title"].format(month=called),
        name=name,
        lead=said["lead"].format(hours=total),
        lines=lines,
        total=total,
        about=[(said["signed"], signed), (said["hash"], month.document_hash)],
        to_sign=() if signed_at else (said["here"],),
    )
