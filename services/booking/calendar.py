"""Calendar entries (RFC 5545) of occasions: what `calendar.ics` and every mail with a calendar part are made of.

The time zone is written by hand: with two yearly rules every calendar program reads it, while a generated one lists
dates (RDATE), which classic Outlook does not read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final, Literal
from uuid import UUID

from icalendar import Calendar, Event, Timezone, vCalAddress

from shared.clock import STOCKHOLM

HOST: Final = "kursnav.se"
"""The right side of every UID. It never changes: a program that knows another UID shows a second entry."""
PRODUCT: Final = "-//kursnav//booking//SV"
MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
TIME_ZONE: Final = b"""BEGIN:VTIMEZONE
TZID:Europe/Stockholm
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""

END: Final = b"END:VCALENDAR\r\n"
Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


def where(venue: str, town: str | None) -> str:
    """Where it is: many municipalities have a Folkets hus."""
    return venue if not town or town.casefold() in venue.casefold() else f"{venue}, {town}"


@dataclass(frozen=True)
class Entry:
    """One occasion in somebody's calendar. `stamp` and `sequence` rise with every change that is sent of one `uid`.

    `organizer` and `attendee` are addresses, of an invitation and its cancellation only.
    """

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str = ""
    cancelled: bool = False
    organizer: str | None = None
    attendee: str | None = None


def uid_of(occasion_id: UUID, registration_id: UUID | None = None) -> str:
    """The same for ever for one occasion, and for one person's place on it."""
    return f"{occasion_id}@{HOST}" if registration_id is None else f"{registration_id}.{occasion_id}@{HOST}"


def calendar_of(entries: Iterable[Entry], method: Method = "PUBLISH") -> bytes:
    """The calendar object. An invitation has one entry: Outlook reads no second one of a message."""
    return _head(method) + b"".join(_event(entry).to_ical() for entry in entries) + END


@cache
def _head(method: Method) -> bytes:
    """What stands before the entries. Reading the time zone anew for each mail took longer than the entry."""
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method)
    calendar.add_component(Timezone.from_ical(TIME_ZONE))
    return bytes(calendar.to_ical()).removesuffix(END)


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", entry.stamp)
    event.add("DTSTART", entry.starts_at.astimezone(STOCKHOLM))
    event.add("DTEND", entry.ends_at.astimezone(STOCKHOLM))
    event.add("SUMMARY", entry.summary)
    event.add("LOCATION", entry.location)
    if entry.description:
        event.add("DESCRIPTION", entry.description)
    event.add("STATUS", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if entry.organizer:
        event.add("ORGANIZER", vCalAddress(f"MAILTO:{entry.organizer}"))
    if entry.attendee:
        event.add("ATTENDEE", vCalAddress(f"MAILTO:{entry.attendee}"))
    return event
