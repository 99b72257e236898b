"""Sending somebody a link to their own page: when the office says so, and with the first registration ahead."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from services.attendance.links.issue import has_live_link, issue_link
from services.attendance.notices.compose import Mailing
from services.attendance.people.contacts import Contact, contact_of, find_contact
from services.attendance.people.merged import person_of
from services.attendance.rolls.registrations import CONFIRMED
from shared.contracts.booking_v1 import RegistrationConfirmed
from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Unit
from shared.jobs.queue import enqueue
from shared.jobs.worker import Job, Kind
from shared.messaging.delivery import Consumer, Event, each
from shared.web.problems import conflict

SEND_LINK: Final = "send-link"
PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
PATIENCE: Final = timedelta(days=1)
"""For so long the person's address and the session may take to arrive after the registration."""
JUST_NOW: Final = timedelta(hours=1)
"""A seat that a lapse or a release gave counts from its moment, somewhat before anybody looked."""
HOLD_PERSON = text("SELECT 1 FROM people WHERE participant_id = :person FOR UPDATE")
PLACE = text(
    """
    SELECT roll.ends_at, roll.cancelled, entry.registration
      FROM roll_entries AS entry JOIN rolls AS roll USING (session_id)
     WHERE entry.registration_id = :registration
    """
)


async def send_link(unit: Unit, mailing: Mailing, participant_id: UUID, expires_at: datetime | None = None) -> UUID:
    """Mails a new link. Returns its id. Raises 409 when nobody can be written to, 422 for somebody unknown."""
    async with unit.as_system():
        contact = await find_contact(unit, participant_id)
    if contact.reader.address is None:
        raise conflict(
            "no-address",
            "Personen har ingen e-postadress, och ingen chef med en. Lägg till en i personallistan först.",
            "The person has no e-mail address, and no manager with one. Enter one in the staff list first.",
        )
    return await mail_link(unit, mailing, contact, expires_at)


async def mail_link(unit: Unit, mailing: Mailing, contact: Contact, expires_at: datetime | None = None) -> UUID:
    """Makes a link and mails it. Returns its id."""
    link_id, token, until = await issue_link(unit, contact, expires_at)
    await mailing.post(unit, contact, "link", f"link/{link_id}", until, link=mailing.own_page(token), until=until)
    return link_id


async def note_registration(unit: Unit, event: Event) -> None:
    """Queues a link for whoever got a seat and has none. Who came without a registration gets it with the hours."""
    data = event.data
    assert isinstance(data, RegistrationConfirmed)
    if data.via == "walk-in" or is_entered_afterwards(event):
        return
    if not await has_live_link(unit, await person_of(unit, data.participant_id)):
        asked = {name: getattr(data, name) for name in ("registration_id", "participant_id", "employment_id")}
        await enqueue(unit, SEND_LINK, {**asked, "since": unit.recorded_at, "tries": 0})


def is_entered_afterwards(event: Event) -> bool:
    """Whether it was dated by `Kursnav-Occurred-At`: then nobody is told anything."""
    tolerated = JUST_NOW if isinstance(event.data, RegistrationConfirmed) and event.data.via == "promotion" else None
    return event.recorded_at - event.time > (tolerated or timedelta(0))


CONSUMER = Consumer("attendance.notices", (BOOKING,), each({RegistrationConfirmed: note_registration}))
"""Of its own: no rebuild and no other consumer repeats what it does."""


def job(mailing: Mailing) -> Kind:
    """Sends the first link once the person's address and the session have arrived; their topics have no order."""

    async def run(job: Job) -> None:
        async with job.effect() as unit, unit.as_system():
            await _send_first(unit, mailing, job.request)

    return Kind(SEND_LINK, run)


async def _send_first(unit: Unit, mailing: Mailing, asked: Mapping[str, Any]) -> None:
    person = await person_of(unit, UUID(asked["participant_id"]))
    await unit.execute(HOLD_PERSON, {"person": person})  # of two registrations at once, one sends
    place = await unit.one_or_none(PLACE, {"registration": UUID(asked["registration_id"])})
    contact = await contact_of(unit, person, UUID(asked["employment_id"]))
    if place is None or contact is None:
        return await _wait(unit, asked)
    ahead = place["registration"] == CONFIRMED and not place["cancelled"] and place["ends_at"] > unit.recorded_at
    if ahead and not await has_live_link(unit, person):
        await mail_link(unit, mailing, contact)


async def _wait(unit: Unit, asked: Mapping[str, Any]) -> None:
    if unit.recorded_at < datetime.fromisoformat(asked["since"]) + PATIENCE:
        pause = min(LONGEST_PAUSE, PAUSE * 2 ** asked["tries"])
        again = {**asked, "tries": asked["tries"] + 1}
        await enqueue(unit, SEND_LINK, again, run_at=unit.recorded_at + pause)
