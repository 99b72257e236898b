"""Tells people what happened: a consumer of booking's own events, so that no rebuild and no retry of a call mails.

What was entered afterwards (`Kursnav-Occurred-At`) is told to nobody.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.booking.allocation.lock import Candidate
from services.booking.catalogue.queries import municipality_names, setting_on
from services.booking.notices import queries
from services.booking.notices.compose import (
    Concerned,
    Item,
    Message,
    Source,
    about_session,
    mail,
    offer,
    place_mails,
    reader_of_place,
)
from services.booking.notices.queries import Place, Told, meeting_of, told_sessions
from services.booking.notices.rules import News, news
from services.booking.notices.tables import DiaryEntry
from services.booking.notices.texts import REPLACED, SUBSTITUTE
from services.booking.registrations.propose import Proposal, proposals
from shared.clock import local_day
from shared.contracts.booking_v1 import (
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationMovedOut,
    RegistrationSubstituted,
    SessionCancelled,
    SessionRescheduled,
    TrainerAssigned,
    TrainerReplaced,
)
from shared.contracts.registry import EventData
from shared.contracts.topics import BOOKING
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.mail.message import Mail
from shared.mail.rendering import Reader, named
from shared.mail.sending import Postbox
from shared.messaging.delivery import Consumer, Event, each, only
from shared.messaging.outbox import Cause

PROMOTED_AFTERWARDS = text(
    "SELECT bool_or(occurred_at < at) FROM audit WHERE target = :target AND action = 'registration-promoted'"
)
TRAINER = text("SELECT email FROM trainers WHERE id = :id")
INVITED = {"promotion": "promotion", "substitution": "substitution", "move": "move"}
"""The kind of an invitation by how the seat was got; of all others `invitation`."""


_ADDED = insert(DiaryEntry)
NOTE_IN_DIARY = _ADDED.on_conflict_do_update(
    index_elements=["registration_id", "occasion_id"],
    set_={name: _ADDED.excluded[name] for name in ("starts_at", "ends_at", "venue", "attendee")},
)


@dataclass
class Desk:
    """What the notices of a batch of events have in common: read once before them, written once after them."""

    unit: Unit
    postbox: Postbox
    site: str
    places: dict[UUID, Place]
    sessions: dict[UUID, Told]
    mails: list[Mail] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)

    async def diary(self, registration_id: UUID) -> Sequence[RowMapping]:
        """The calendar entries of a registration, with those of the events before."""
        await self._write_entries()
        return await queries.diary(self.unit, registration_id)

    async def write(self) -> None:
        """The mails' keys name their events: the job that sends them needs no cause."""
        self.unit.cause = Cause()
        await self.postbox.post(self.unit, self.mails)
        await self._write_entries()

    async def _write_entries(self) -> None:
        if self.entries:
            await self.unit.execute(NOTE_IN_DIARY, self.entries)
            self.entries = []


class Notifier:
    """Writes the notices of one event, in the transaction that takes it."""

    def __init__(self, desk: Desk, event: Event, told: Told) -> None:
        self.desk, self.unit, self.told = desk, desk.unit, told
        self.source = Source(str(event.id), event.recorded_at, event.sequence, desk.postbox.sender.address)

    async def confirmed(self, data: RegistrationConfirmed) -> None:
        """Who came without a registration is there already."""
        place = self.desk.places.get(data.registration_id)
        if place is None or data.via == "walk-in":
            return
        await self._tell(place, INVITED.get(data.via, "invitation"), news({}, self.told.meetings))
        replaced = self.desk.places.get(data.replaces) if data.replaces else None
        if replaced is not None:
            self._tell_managers_of_substitution(place, replaced)

    async def cancelled(self, data: RegistrationCancelled) -> None:
        """Who leaves a waiting list was told nothing of it before."""
        if data.was != "confirmed":
            return
        place = self.desk.places.get(data.registration_id)
        await self._withdraw(place, "cancellation")
        # Whoever cancels says why; without a reason the office moved the session away from under the person.
        if place is not None and data.by == "coordinator" and data.neutral and place.reason is None:
            await self._tell_managers_of_loss([place], "rebooking")

    async def substituted(self, data: RegistrationSubstituted) -> None:
        await self._withdraw(self.desk.places.get(data.registration_id), "substituted")

    async def moved_out(self, data: RegistrationMovedOut) -> None:
        await self._withdraw(self.desk.places.get(data.registration_id), "moved-out")

    async def rescheduled(self, data: SessionRescheduled) -> None:
        """Only when and where are news: of another trainer or deadline nobody is told."""
        for place in await queries.places(self.unit, data.session_id):
            entries = await self.desk.diary(place.id)
            changed = news({entry["occasion_id"]: meeting_of(entry) for entry in entries}, self.told.meetings)
            if entries and changed:
                await self._tell(place, "change", changed, entries)

    async def session_cancelled(self, data: SessionCancelled) -> None:
        """Everybody with a seat, and each manager once for all of theirs."""
        places = await queries.places(self.unit, data.session_id)
        for place in places:
            await self._withdraw(place, "session-cancelled")
        await self._tell_managers_of_loss(places, "session-cancelled-manager")

    async def trainer_replaced(self, data: TrainerReplaced) -> None:
        await self._tell_trainer(data.from_, "trainer-replaced")
        await self._tell_trainer(data.to, "trainer-assigned")

    async def trainer_assigned(self, data: TrainerAssigned) -> None:
        await self._tell_trainer(data.trainer_id, "trainer-assigned")

    # --- ways of telling ---------------------------------------------------------------------------------------------

    async def _withdraw(self, place: Place | None, kind: str) -> None:
        """Takes every meeting out of the calendars that have it. Who only waited hears nothing."""
        if place is None or (place.status != "confirmed" and place.was != "confirmed"):
            return
        entries = await self.desk.diary(place.id)
        await self._tell(place, kind, News([], [meeting_of(entry) for entry in entries]), entries)

    async def _tell(self, place: Place, kind: str, changed: News, entries: Sequence[RowMapping] = ()) -> None:
        if self.told.ends_at <= self.unit.recorded_at:
            return
        reader = reader_of_place(place)
        attendees = {entry["occasion_id"]: entry["attendee"] for entry in entries}
        requests = [Item("REQUEST", each, reader.address) for each in changed.requests if reader.address]
        cancels = [Item("CANCEL", each, attendees[each.occasion_id]) for each in changed.cancels]
        listed = changed.cancels if kind not in ("change", *INVITED, "invitation") and changed.cancels else None
        message = Message(kind, self.told, listed or self.told.meetings)
        self.desk.mails += place_mails(self.source, place, message, [*requests, *cancels])
        await self._note_in_diary(place, requests, cancels)

    async def _note_in_diary(self, place: Place, requests: Sequence[Item], cancels: Sequence[Item]) -> None:
        if cancels:
            gone = among(col(DiaryEntry.occasion_id), [item.meeting.occasion_id for item in cancels])
            await self.unit.execute(delete(DiaryEntry).where(col(DiaryEntry.registration_id) == place.id, gone))
        self.desk.entries += [
            {"registration_id": place.id, "attendee": item.to, **vars(item.meeting)} for item in requests
        ]

    async def _tell_managers_of_loss(self, places: Sequence[Place], kind: str) -> None:
        """One mail for each manager, with what each person could be booked on instead."""
        managed: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for place in places:
            if place.manager_email:
                managed[place.manager_email, place.municipality].append(place)
        candidates = [place.candidate for led in managed.values() for place in led]
        found = await self._proposed(candidates)
        towns = await municipality_names(self.unit)
        for (manager, municipality), led in managed.items():
            offers = [offer(place, found[place.employment_id], self.desk.site, towns) for place in led]
            message = Message(kind, self.told, self.told.meetings, people=offers)
            self._tell_reader(Reader(manager, "manager"), message, municipality)

    async def _proposed(self, candidates: Sequence[Candidate]) -> dict[UUID, list[Proposal]]:
        """A mail is read later than it is written: what nobody is promoted to any more is not proposed either."""
        now = self.unit.recorded_at
        hours = await setting_on(self.unit, "promotion_stops_hours", local_day(now))
        after = now + timedelta(hours=hours)
        return await proposals(
            self.unit, self.told.code, candidates, now, starting_after=after, instead_of=self.told.id
        )

    def _tell_managers_of_substitution(self, place: Place, replaced: Place) -> None:
        both = ((replaced, REPLACED), (place, SUBSTITUTE))
        people = [Concerned(one.staff_id, label, [named(one.name)]) for one, label in both]
        message = Message("substitution-manager", self.told, self.told.meetings, people=people)
        for manager in dict.fromkeys(filter(None, (place.manager_email, replaced.manager_email))):
            self._tell_reader(Reader(manager, "manager"), message, place.municipality)

    async def _tell_trainer(self, trainer_id: UUID, kind: str) -> None:
        address = await self.unit.scalar(TRAINER, {"id": trainer_id})
        self._tell_reader(Reader(address, "trainer"), Message(kind, self.told, self.told.meetings))

    def _tell_reader(self, reader: Reader, message: Message, municipality: str | None = None) -> None:
        if self.told.ends_at > self.unit.recorded_at:
            key = f"{self.source.key}/{message.kind}/{municipality or ''}/{reader.address}"
            self.desk.mails.append(mail(key, reader, message, about_session(self.told.id, municipality)))


Telling = Callable[[Notifier, Any], Awaitable[None]]
TOLD: dict[type[EventData], Telling] = {
    RegistrationConfirmed: Notifier.confirmed,
    RegistrationCancelled: Notifier.cancelled,
    RegistrationSubstituted: Notifier.substituted,
    RegistrationMovedOut: Notifier.moved_out,
    SessionRescheduled: Notifier.rescheduled,
    SessionCancelled: Notifier.session_cancelled,
    TrainerReplaced: Notifier.trainer_replaced,
    TrainerAssigned: Notifier.trainer_assigned,
}


def consumer(postbox: Postbox, site: str) -> Consumer:
    """Of its own: what it does, no other consumer and no rebuild repeats. Links lead to `site`."""

    async def handle(unit: Unit, events: Sequence[Event]) -> None:
        places = await queries.places_of(unit, _registrations(events))
        desk = Desk(unit, postbox, site, places, await told_sessions(unit, {UUID(event.key) for event in events}))

        async def take(unit: Unit, event: Event) -> None:
            if await is_entered_afterwards(unit, event):
                return
            told = desk.sessions.get(UUID(event.key))
            if told is not None and event.data is not None:
                await TOLD[type(event.data)](Notifier(desk, event, told), event.data)

        await each(dict.fromkeys(TOLD, take))(unit, events)
        await desk.write()

    return Consumer("booking-notices", (BOOKING,), handle, patient=True, wants=only(*TOLD))


def _registrations(events: Sequence[Event]) -> set[UUID]:
    """The registrations that these events are about."""
    named = (getattr(event.data, name, None) for event in events for name in ("registration_id", "replaces"))
    return {one for one in named if one is not None}


async def is_entered_afterwards(unit: Unit, event: Event) -> bool:
    """Whether it was dated by `Kursnav-Occurred-At`. A promotion is also dated back when a share was released before
    anybody looked; the audit tells them apart.
    """
    if event.time >= event.recorded_at:
        return False
    if isinstance(event.data, RegistrationConfirmed) and event.data.via == "promotion":
        return bool(await unit.scalar(PROMOTED_AFTERWARDS, {"target": f"registration/{event.data.registration_id}"}))
    return True
