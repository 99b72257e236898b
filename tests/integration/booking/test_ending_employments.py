"""Who leaves leaves no empty seat: later registrations are cancelled, and those who wait get the seats."""

import asyncio
from typing import Any

import pytest

from shared.clock import local_day
from tests.support.answers import Json, ok
from tests.support.booking_world import DAY, HOUR, NOW, World, personal_number

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def end(world: World, staff: str, **patch: Any) -> Json:
    """Ends an employment: by DELETE today, or with a patch."""
    path = f"/booking/v1/staff/{staff}"
    headers = {"If-Match": (await world.coordinator.get(path)).headers["ETag"]}
    if patch:
        answer = ok(await world.coordinator.patch(path, json=patch, headers=headers))
    else:
        answer = ok(await world.coordinator.delete(path, headers=headers))
    return dict(answer)


async def test_later_registrations_are_cancelled_and_the_seats_go_to_those_who_wait(world: World) -> None:
    leaving, waiting = await world.staff(), await world.staff()
    sessions = [await world.session(1, starts=NOW + n * DAY) for n in (5, 9)]
    for session in sessions:
        assert await world.outcomes(session, leaving) == ["confirmed"]
        assert await world.outcomes(session, waiting) == ["waitlisted"]
    ids = [(await world.registration(session, leaving))["id"] for session in sessions]
    assert (await end(world, leaving))["cancelled_registrations"] == sorted(ids)
    for session in sessions:
        registration = await world.registration(session, leaving)
        told = registration["cancelled"]
        assert (registration["status"], told["by"], told["late"], told["neutral"]) == (
            "cancelled",
            "system",
            False,
            True,
        )
        assert await world.statuses(session, waiting) == ["confirmed"]
        names = await world.event_names(session)
        assert names[-2:] == ["registration-cancelled", "registration-confirmed"]


async def test_what_begins_on_the_last_day_stays(world: World) -> None:
    leaving = await world.staff()
    last = NOW + 20 * DAY
    before, after = await world.session(starts=last + HOUR), await world.session(starts=last + DAY)
    await world.outcomes(before, leaving)
    await world.outcomes(after, leaving)
    answer = await end(world, leaving, valid_to=local_day(last).isoformat())
    assert answer["cancelled_registrations"] == [(await world.registration(after, leaving))["id"]]
    assert await world.statuses(before, leaving) == ["confirmed"]


async def test_a_place_in_a_queue_goes_too(world: World) -> None:
    leaving, seated = await world.staff(), await world.staff()
    session = await world.session(1, starts=NOW + 30 * DAY)
    await world.outcomes(session, seated)
    await world.outcomes(session, leaving)
    assert len((await end(world, leaving))["cancelled_registrations"]) == 1
    assert (await world.queue(session))["entries"] == []


async def test_another_employment_of_the_person_keeps_its_seat(world: World) -> None:
    number = personal_number(4321)
    leaving, staying = await world.staff(number=number), await world.staff("1884", number=number)
    session = await world.session(starts=NOW + 31 * DAY)
    await world.outcomes(session, staying)
    assert (await end(world, leaving))["cancelled_registrations"] == []
    assert await world.statuses(session, staying) == ["confirmed"]


async def test_nobody_is_registered_for_later_while_the_employment_ends(world: World) -> None:
    for number in range(4):
        leaving = await world.staff()
        sessions = [await world.session(starts=NOW + (40 + 4 * number + n) * DAY) for n in range(4)]
        path = f"/booking/v1/staff/{leaving}"
        headers = {"If-Match": (await world.coordinator.get(path)).headers["ETag"]}
        answers = await asyncio.gather(
            *(world.register(session, leaving) for session in sessions[:2]),
            world.coordinator.delete(path, headers=headers),
            *(world.register(session, leaving) for session in sessions[2:]),
        )
        if answers[2].status_code == 409:
            await end(world, leaving)
        listed = await world.get("/booking/v1/registrations", staff=leaving, status="confirmed")
        assert listed["items"] == []
