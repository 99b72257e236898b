"""Notices as mails: whom to write to, in which words, with which calendar part."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from services.booking.calendar import Entry, calendar_of, uid_of, where
from services.booking.notices.queries import Place, Told
from services.booking.notices.rules import Meeting
from services.booking.notices.texts import BOOK, CAUSES, CLOSING, LABELS, NO_SESSION, TEXTS
from services.booking.registrations.propose import Proposal
from services.booking.sessions.pages import LIST as SESSIONS
from shared.mail.message import Calendar, Mail, Part, Role, Section
from shared.mail.rendering import Reader, Words, languages_for, mail_to, named, reader_of, written_in
from shared.web.pages.formatting import short_day, when

BOOKING_PAGE = SESSIONS + "/{}/anmal/kontrollera?staff={}"


@dataclass(frozen=True)
class Item:
    """What one mail does to the calendar of an address."""

    method: Literal["REQUEST", "CANCEL"]
    meeting: Meeting
    to: str


@dataclass(frozen=True)
class Source:
    """What notices follow from. One of calendar parts has a `sequence` that rises with each event of the session."""

    key: str
    at: datetime
    sequence: int = 0
    organizer: str = ""


@dataclass(frozen=True)
class Concerned:
    """What a notice about several people says of one: under which label, in which lines."""

    staff_id: UUID
    label: Words
    lines: Sequence[Words]

    def section(self, language: str) -> Section:
        return Section(self.staff_id, self.label[language], [line[language] for line in self.lines])


@dataclass(frozen=True)
class Message:
    """What a notice says: its kind, the meetings that it lists, and what else its sentences name.

    Of each of `people` it says something of its own.
    """

    kind: str
    told: Told
    meetings: Sequence[Meeting]
    words: Mapping[str, Words | str] = field(default_factory=dict)
    people: Sequence[Concerned] = ()


def reader_of_place(place: Place) -> Reader:
    return reader_of(place.email, place.manager_email, place.language, place.name)


def offer(place: Place, proposals: Sequence[Proposal], site: str, towns: Mapping[str, str]) -> Concerned:
    """Sessions instead of the one that a person lost, each with the page where one click books it."""
    lines = [
        _proposed(
            proposal,
            where(proposal.venue, towns.get(proposal.host_municipality)),
            f"{site}{BOOKING_PAGE}".format(proposal.session, place.staff_id),
        )
        for proposal in proposals
    ]
    return Concerned(place.staff_id, named(place.name), lines or [NO_SESSION])


def _proposed(proposal: Proposal, venue: str, page: str) -> Words:
    words = {}
    for language in NO_SESSION:
        with written_in(language):
            words[language] = f"{when(proposal)}, {venue}. {BOOK[language]}: {page}"
    return words


def place_mails(source: Source, place: Place, message: Message, items: Sequence[Item]) -> Iterator[Mail]:
    """One mail that says everything, and a short one for each further occasion: calendar programs read one entry of a
    mail.
    """
    reader = reader_of_place(place)
    about = {"session_id": place.session_id, "person_id": place.staff_id, "municipality": place.municipality}
    first = next((item for item in items if item.to == reader.address), None)
    calendar = _calendar(source, place, message.told, first) if first else None
    yield mail(f"{source.key}/{place.id}/0", reader, message, about, calendar)
    others = [item for item in items if item is not first]
    for number, item in enumerate(others, start=1):
        kind = "occasion" if item.method == "REQUEST" else "occasion-cancelled"
        role: Role = "participant" if item.to == place.email else reader.role
        to = Reader(item.to, role, reader.language, reader.concerns)
        short = Message(kind, message.told, [item.meeting])
        yield mail(f"{source.key}/{place.id}/{number}", to, short, about, _calendar(source, place, message.told, item))


def mail(
    key: str, reader: Reader, message: Message, about: Mapping[str, Any], calendar: Calendar | None = None
) -> Mail:
    parts = [_part(message, reader, language) for language in languages_for(reader.language)]
    ends = [message.told.ends_at, *(meeting.ends_at for meeting in message.meetings)]
    return mail_to(
        reader,
        parts,
        key=f"booking/{key}",
        kind=message.kind,
        useful_until=max(ends),
        calendar=calendar,
        parts=parts if message.people else (),
        **about,
    )


def _part(message: Message, reader: Reader, language: str) -> Part:
    told, meetings = message.told, message.meetings
    words = {name: one if isinstance(one, str) else one[language] for name, one in message.words.items()}
    cause = CAUSES.get(told.cause or "other", CAUSES["other"])[language]
    with written_in(language):
        day = short_day(meetings[0].starts_at)
        times = [when(meeting) for meeting in meetings]
    facts = [
        ("course", [told.course]),
        ("time", times),
        ("venue", list(dict.fromkeys(where(each.venue, told.town) for each in meetings))),
    ]
    labelled = [(LABELS[name][language], lines) for name, lines in facts]
    labelled += reader.concerning(language)
    text = TEXTS[message.kind][language]
    given = {"course": told.course, "day": day, "cause": cause, **words}
    return Part(
        language,
        text.heading.format_map(given),
        [text.lead.format_map(given)],
        labelled,
        CLOSING.get(message.kind, {}).get(language, ""),
        [one.section(language) for one in message.people],
    )


def _calendar(source: Source, place: Place, told: Told, item: Item) -> Calendar:
    meeting = item.meeting
    entry = Entry(
        uid=uid_of(meeting.occasion_id, place.id),
        sequence=source.sequence,
        stamp=source.at,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=told.course,
        location=where(meeting.venue, told.town),
        cancelled=item.method == "CANCEL",
        organizer=source.organizer,
        attendee=item.to,
    )
    return Calendar(item.method, calendar_of([entry], item.method))


def about_session(session_id: UUID, municipality: str | None = None) -> Mapping[str, Any]:
    """What a notice is about that concerns no single person."""
    return {"session_id": session_id, "municipality": municipality}
