"""A session's file for calendar programs."""

from uuid import uuid4

import pytest
from icalendar import Calendar

from shared.security.roles import Role
from tests.support.answers import refused
from tests.support.booking_world import DAY, HOUR, NOW, World, client, occasion

START = NOW + 30 * DAY

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def events(world: World, session: str) -> list[dict[str, object]]:
    funder = client(world.origin, Role.FUNDER)
    answer = await funder.get(f"/booking/v1/sessions/{session}/calendar.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return [dict(event) for event in Calendar.from_ical(answer.content).walk("VEVENT")]


async def test_each_occasion_is_an_entry_that_a_change_moves(world: World) -> None:
    session = await world.session(occasions=[occasion(START), occasion(START + DAY)])
    first, second = await events(world, session)
    assert (first["SUMMARY"], first["LOCATION"], first["STATUS"]) == ("Kurs TR1", "Konserthuset, Örebro", "CONFIRMED")
    assert [event["DTSTART"].dt for event in (first, second)] == [START, START + DAY]  # type: ignore[attr-defined]
    kept = (await world.get(f"/booking/v1/sessions/{session}"))["occasions"][0]["occasion_id"]
    moved = {"occasions": [occasion(START + HOUR, occasion_id=kept)], "venue": "Rådhuset"}
    await world.post(f"/booking/v1/sessions/{session}/reschedule", moved)
    [later] = await events(world, session)
    assert (later["UID"], later["LOCATION"]) == (first["UID"], "Rådhuset, Örebro")
    assert later["SEQUENCE"] > first["SEQUENCE"]  # type: ignore[operator]


async def test_a_cancelled_session_is_cancelled_in_the_calendar(world: World) -> None:
    session = await world.session()
    [before] = await events(world, session)
    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"})
    [after] = await events(world, session)
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CANCELLED")


async def test_there_is_no_file_of_no_session(world: World) -> None:
    answer = await world.coordinator.get(f"/booking/v1/sessions/{uuid4()}/calendar.ics")
    refused(answer, 404, "not-found")
