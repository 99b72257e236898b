"""Issuing a certificate: of attested hours, signed where the project demands it."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from services.attendance.catalogue.queries import frame
from services.attendance.certificates.rules import hash_of, statement_of
from services.attendance.certificates.tables import CertificateRow
from services.attendance.people.contacts import contact_of
from services.attendance.people.merged import person_of
from services.attendance.project.queries import settings
from services.attendance.sheets.sheet import Language, Sheet, lines_of, printed
from services.attendance.signatures.queries import months_of
from services.attendance.signatures.rules import Item, is_certifiable
from shared.database.unit_of_work import Unit
from shared.mail.rendering import Words, written_in
from shared.web.pages.formatting import day
from shared.web.problems import Problem, conflict, not_found
from shared.workshop import Workshop

PAGE: Final = "/intyg/{}"
ENTRY = text(
    "SELECT municipality, employment_id FROM roll_people WHERE session_id = :session AND participant_id = :person"
)
TEXTS: dict[str, Words] = {
    "title": {"sv": "Intyg", "en": "Certificate"},
    "lead": {"sv": "har deltagit i {course}, {hours}.", "en": "attended {course}, {hours}."},
    "nameless": {
        "sv": "Innehavaren av detta intyg har deltagit i {course}, {hours}.",
        "en": "The holder of this certificate attended {course}, {hours}.",
    },
    "attested": {"sv": "Närvaron attesterad", "en": "Attendance attested"},
    "check": {"sv": "Kontrollera intyget", "en": "Check this certificate"},
    "hash": {"sv": "SHA-256", "en": "SHA-256"},
}


async def issue_certificate(
    unit: Unit, workshop: Workshop, site: str, participant_id: UUID, session_id: UUID, language: Language
) -> bytes:
    """The certificate as PDF. Raises 404 without attested hours, or for somebody else's employee; 409 when unsigned."""
    async with unit.as_system():
        person = await person_of(unit, participant_id)
        entry = await unit.one_or_none(ENTRY, {"session": session_id, "person": person})
        if entry is None or unit.municipality not in (None, entry["municipality"]):
            raise _none()
        items = await _certifiable(unit, person, session_id)
        statement = statement_of(person, items)
        await unit.execute(
            insert(CertificateRow)
            .values(
                hash=hash_of(statement),
                participant_id=person,
                session_id=session_id,
                statement=statement,
                issued_at=unit.recorded_at,
            )
            .on_conflict_do_nothing()
        )
        contact = await contact_of(unit, person, entry["employment_id"])
        project = (await frame(unit)).project
    shown = _sheet(items, language, project, contact.name if contact else None, site, hash_of(statement))
    return await printed(workshop, shown, max(item.attested_at for item in items))


async def _certifiable(unit: Unit, person: UUID, session_id: UUID) -> list[Item]:
    rules = await settings(unit)
    months = [month for month in (await months_of(unit, [person])).values() if _has(month.items, session_id)]
    if not months:
        raise _none()
    if not all(is_certifiable(month, rules) for month in months):
        raise conflict(
            "hours-not-signed",
            "Timmarna är inte underskrivna än. Deltagaren skriver under dem på sin egen sida, eller på papper.",
            "The hours are not signed yet. The participant signs them on the own page, or on paper.",
        )
    return [item for month in months for item in month.items if item.session_id == session_id]


def _has(items: tuple[Item, ...], session_id: UUID) -> bool:
    return any(item.session_id == session_id for item in items)


def _none() -> Problem:
    return not_found("Intyget", "The certificate")


def _sheet(items: list[Item], language: Language, project: str, name: str | None, site: str, digest: str) -> Sheet:
    lines, total = lines_of(items, language)
    said = {key: words[language] for key, words in TEXTS.items()}
    with written_in(language):
        attested = day(max(item.attested_at for item in items))
    lead = said["lead"] if name else said["nameless"]
    return Sheet(
        language=language,
        project=project,
        title=said["title"],
        name=name,
        lead=lead.format(course=items[0].course_title, hours=total),
        lines=lines,
        total=total,
        about=[
            (said["attested"], attested),
            (said["check"], site + PAGE.format(digest)),
            (said["hash"], digest),
        ],
    )
