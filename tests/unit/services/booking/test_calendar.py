"""Calendar objects, read back by the library as a calendar program reads them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Timezone

from services.booking.calendar import TIME_ZONE, Entry, calendar_of, uid_of

OCCASION = UUID("0194d2c0-0000-7000-8000-000000000001")
REGISTRATION = UUID("0194d2c0-0000-7000-8000-000000000002")
SUMMER, WINTER = datetime(2026, 6, 1, 7, tzinfo=UTC), datetime(2026, 12, 1, 8, tzinfo=UTC)


def entry(starts: datetime = SUMMER, **fields: object) -> Entry:
    values = {"uid": uid_of(OCCASION), "sequence": 3, "stamp": WINTER, "summary": "Förflyttning, grund; del 1"}
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=8), "location": "Konserthuset"}
    return Entry(**{**values, **times, **fields})  # type: ignore[arg-type]


def test_an_entry_says_the_swedish_time_with_its_zone() -> None:
    text = calendar_of([entry(), entry(WINTER)]).decode()
    assert "DTSTART;TZID=Europe/Stockholm:20260601T090000" in text
    assert "DTSTART;TZID=Europe/Stockholm:20261201T090000" in text


def test_a_program_reads_back_what_was_written() -> None:
    calendar = Calendar.from_ical(calendar_of([entry()], "REQUEST"))
    [event] = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "REQUEST"
    assert (event["UID"], event["SEQUENCE"], event["SUMMARY"]) == (uid_of(OCCASION), 3, "Förflyttning, grund; del 1")
    assert event.decoded("DTSTART") == SUMMER
    assert (event["STATUS"], "ATTENDEE" in event) == ("CONFIRMED", False)


def test_a_cancellation_names_the_same_organizer_and_attendee() -> None:
    cancelled = entry(cancelled=True, organizer="kontor@example.se", attendee="person@example.se")
    [event] = Calendar.from_ical(calendar_of([cancelled], "CANCEL")).walk("VEVENT")
    assert (event["STATUS"], event["ORGANIZER"]) == ("CANCELLED", "MAILTO:kontor@example.se")
    assert event["ATTENDEE"] == "MAILTO:person@example.se"


def test_a_place_on_an_occasion_has_an_entry_of_its_own() -> None:
    assert uid_of(OCCASION, REGISTRATION) == f"{REGISTRATION}.{OCCASION}@kursnav.se"


def test_the_zone_has_two_rules_and_no_list_of_dates() -> None:
    text = TIME_ZONE.decode()
    assert (text.count("RRULE:"), "RDATE" in text) == (2, False)


@pytest.mark.parametrize("year", [2025, 2026, 2027, 2036])
def test_the_zone_is_that_of_sweden(year: int) -> None:
    zone = Timezone.from_ical(TIME_ZONE)
    assert isinstance(zone, Timezone)
    written, real = zone.to_tz(lookup_tzid=False), ZoneInfo("Europe/Stockholm")
    hours = [datetime(year, 1, 1, 12) + timedelta(hours=7 * step) for step in range(1250)]  # noqa: DTZ001
    differing = [at for at in hours if at.replace(tzinfo=written).utcoffset() != at.replace(tzinfo=real).utcoffset()]
    assert differing == []
