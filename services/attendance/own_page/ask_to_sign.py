"""The mails that ask people to sign: only where signatures are demanded, and for what is not signed yet."""

from datetime import date
from uuid import UUID

from sqlalchemy import text

from services.attendance.links.issue import issue_link
from services.attendance.notices.compose import Mailing
from services.attendance.people.contacts import contact_of
from services.attendance.project.queries import settings
from services.attendance.signatures.ask import ASK
from services.attendance.signatures.queries import months_of
from services.attendance.signatures.rules import Month
from shared.database.unit_of_work import Unit
from shared.jobs.job import Job
from shared.jobs.worker import Kind
from shared.web.pages.formatting import hours, month_name

PEOPLE = text(
    """
    SELECT DISTINCT ON (line.participant_id) line.participant_id, entry.employment_id
      FROM attested_lines AS line
      LEFT JOIN roll_people AS entry USING (session_id, participant_id)
     WHERE line.session_id = :session AND line.month = :month
     ORDER BY line.participant_id
    """
)


def job(mailing: Mailing) -> Kind:
    """Asks everybody who attended a session in a month."""

    async def run(job: Job) -> None:
        async with job.effect() as unit, unit.as_system():
            await ask_to_sign(unit, mailing, UUID(job.request["session_id"]), job.request["month"])

    return Kind(ASK, run)


async def ask_to_sign(unit: Unit, mailing: Mailing, session_id: UUID, month: str) -> None:
    """One mail for each state of a person's month: what another session of it has asked already is not asked again."""
    rules = await settings(unit)
    rows = await unit.all(PEOPLE, {"session": session_id, "month": month})
    employments = {row["participant_id"]: row["employment_id"] for row in rows}
    found = await months_of(unit, employments) if employments else {}
    for person in sorted(employments):
        own = found[person, month]
        ends = own.signing_ends(rules)
        if own.is_demanded(rules) and own.state != "signed" and ends is not None and ends > unit.recorded_at:
            await _ask(unit, mailing, own, employments[person])


async def _ask(unit: Unit, mailing: Mailing, month: Month, employment_id: UUID | None) -> None:
    key = f"sign/{month.participant_id}/{month.month}/{month.document_hash}/{month.last if month.voided else ''}"
    contact = await contact_of(unit, month.participant_id, employment_id)
    if contact is None or contact.reader.address is None or await mailing.has_posted(unit, key):
        return
    _, token, until = await issue_link(unit, contact)
    first = date.fromisoformat(f"{month.month}-01")
    await mailing.post(
        unit,
        contact,
        "sign-again" if month.voided else "sign",
        key,
        until,
        link=mailing.own_page(token),
        month=lambda: month_name(first),
        hours=lambda: hours(month.minutes),
        until=until,
    )
