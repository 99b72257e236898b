"""Sending somebody a link to their own page: when the office says so, and with the first registration ahead."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.attendance.links.issue import issue_link, with_live_link
from services.attendance.notices.compose import Mailing
from services.attendance.people.contacts import Contact, contact_of, find_contact
from services.attendance.people.merged import became_of
from services.attendance.rolls.registrations import CONFIRMED
from shared.contracts.booking_v1 import RegistrationConfirmed
from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Unit
from shared.jobs.job import Job
from shared.jobs.queue import enqueue
from shared.jobs.worker import Kind
from shared.messaging.delivery import Consumer, Event
from shared.web.problems import conflict

SEND_LINKS: Final = "send-links"
SEND_LINK: Final = "send-link"
"""Of one registration: queued by 0.2.0."""
A_JOB: Final = 100
"""Registrations of one job: one fault would hold back as many."""
PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
PATIENCE: Final = timedelta(days=1)
"""For so long the person's address and the session may take to arrive after the registration."""
JUST_NOW: Final = timedelta(hours=1)
"""A seat that a lapse or a release gave counts from its moment, somewhat before anybody looked."""
HOLD_PEOPLE = text(
    "SELECT 1 FROM people WHERE participant_id = ANY (CAST(:people AS uuid[])) ORDER BY participant_id FOR UPDATE"
)
SEATS = text(
    """
    SELECT entry.registration_id, roll.ends_at, roll.cancelled, entry.registration
      FROM roll_entries AS entry JOIN rolls AS roll USING (session_id)
     WHERE entry.registration_id = ANY (CAST(:registrations AS uuid[]))
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


async def note_registrations(unit: Unit, events: Sequence[Event]) -> None:
    """Queues links for those who got a seat and have none. Who came without a registration gets it with the hours."""
    got = [event.data for event in events if isinstance(event.data, RegistrationConfirmed) and _is_told(event)]
    became = await became_of(unit, {data.participant_id for data in got})
    linked = await with_live_link(unit, {became.get(data.participant_id, data.participant_id) for data in got})
    places = [
        {name: getattr(data, name) for name in ("registration_id", "participant_id", "employment_id")}
        for data in got
        if became.get(data.participant_id, data.participant_id) not in linked
    ]
    for begin in range(0, len(places), A_JOB):
        unit.cause = events[-1].cause
        await enqueue(
            unit, SEND_LINKS, {"places": places[begin : begin + A_JOB], "since": unit.recorded_at, "tries": 0}
        )


def _is_told(event: Event) -> bool:
    assert isinstance(event.data, RegistrationConfirmed)
    return event.data.via != "walk-in" and not is_entered_afterwards(event)


def is_entered_afterwards(event: Event) -> bool:
    """Whether it was dated by `Kursnav-Occurred-At`: then nobody is told anything."""
    tolerated = JUST_NOW if isinstance(event.data, RegistrationConfirmed) and event.data.via == "promotion" else None
    return event.recorded_at - event.time > (tolerated or timedelta(0))


CONSUMER = Consumer("attendance.notices", (BOOKING,), note_registrations)
"""Of its own: no rebuild and no other consumer repeats what it does."""


def jobs(mailing: Mailing) -> list[Kind]:
    """Send first links once the addresses and the sessions have arrived; their topics have no order."""

    async def run(job: Job) -> None:
        async with job.effect() as unit, unit.as_system():
            await _send_first(unit, mailing, job.request)

    async def run_single(job: Job) -> None:
        async with job.effect() as unit, unit.as_system():
            await _send_first(unit, mailing, {**job.request, "places": [job.request]})

    return [Kind(SEND_LINKS, run), Kind(SEND_LINK, run_single)]


async def _send_first(unit: Unit, mailing: Mailing, asked: Mapping[str, Any]) -> None:
    """Mails a link to each person whose seat is ahead and who has none."""
    places = asked["places"]
    became = await became_of(unit, {UUID(place["participant_id"]) for place in places})
    persons = [became.get(person, person) for person in (UUID(place["participant_id"]) for place in places)]
    await unit.execute(HOLD_PEOPLE, {"people": sorted(set(persons))})  # of two registrations at once, one sends
    linked = await with_live_link(unit, persons)
    seats = await _seats(unit, places)
    waiting = []
    for place, person in zip(places, persons, strict=True):
        seat = seats.get(UUID(place["registration_id"]))
        if person in linked or (seat is not None and not _is_ahead(unit, seat)):
            continue
        contact = await contact_of(unit, person, UUID(place["employment_id"]))
        if seat is None or contact is None:
            waiting.append(place)
        else:
            await mail_link(unit, mailing, contact)
            linked.add(person)
    if waiting:
        await _wait(unit, {**asked, "places": waiting})


async def _seats(unit: Unit, places: Sequence[Mapping[str, Any]]) -> dict[UUID, RowMapping]:
    """What has arrived of these registrations."""
    ids = [UUID(place["registration_id"]) for place in places]
    return {row["registration_id"]: row for row in await unit.all(SEATS, {"registrations": ids})}


def _is_ahead(unit: Unit, seat: RowMapping) -> bool:
    return seat["registration"] == CONFIRMED and not seat["cancelled"] and seat["ends_at"] > unit.recorded_at


async def _wait(unit: Unit, asked: Mapping[str, Any]) -> None:
    if unit.recorded_at < datetime.fromisoformat(asked["since"]) + PATIENCE:
        pause = min(LONGEST_PAUSE, PAUSE * 2 ** asked["tries"])
        again = {name: asked[name] for name in ("places", "since")}
        await enqueue(unit, SEND_LINKS, {**again, "tries": asked["tries"] + 1}, run_at=unit.recorded_at + pause)
