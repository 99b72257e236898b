"""A file that ends employments gives their later seats back, as the calls for one employment do."""

import asyncio
import csv
import io
from collections.abc import Sequence
from itertools import count
from typing import Any

import httpx2
import pytest

from services.booking.staff import import_staff
from shared.clock import SystemClock, local_day
from shared.messaging.pipeline import Pipeline
from tests.support.answers import Json, answered
from tests.support.booking_world import DAY, NOW, OREBRO, World, personal_number
from tests.support.eventually import eventually
from tests.support.services import running
from tests.support.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

LAST_DAY = local_day(NOW).isoformat()
SERIALS = count(5_000)


async def person(world: World) -> tuple[str, str]:
    """The staff id and the personal number of somebody new."""
    number = personal_number(next(SERIALS))
    return await world.staff(number=number), number


def row(number: str, **fields: str) -> dict[str, str]:
    """What the file says of a person: as `World.staff` enters it, with what is to change."""
    same = {"given_name": "Förnamn", "family_name": "Efternamn", "workplace": "Solgården", "title": "assistant_nurse"}
    return {"personal_number": number, **same, "category": "base", "municipality": OREBRO, "valid_to": "", **fields}


def leaves(number: str) -> dict[str, str]:
    return row(number, valid_to=LAST_DAY)


async def send(world: World, rows: Sequence[dict[str, str]], **params: Any) -> httpx2.Response:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    files = {"file": ("personal.csv", text.getvalue().encode())}
    return await world.coordinator.post("/booking/v1/staff/import", files=files, params={"dry_run": "false"} | params)


async def imported(world: World, rows: Sequence[dict[str, str]], **params: Any) -> Json:
    return answered(await send(world, rows, **params))


async def test_later_registrations_are_cancelled_and_the_seats_go_to_those_who_wait(world: World) -> None:
    (leaving, number), waiting = await person(world), await world.staff()
    sessions = [await world.session(1, starts=NOW + n * DAY) for n in (5, 9)]
    for session in sessions:
        await world.outcomes(session, leaving)
        assert await world.outcomes(session, waiting) == ["waitlisted"]
    ids = sorted([(await world.registration(session, leaving))["id"] for session in sessions])
    answer = await imported(world, [leaves(number), row(personal_number(next(SERIALS)))])
    assert [each["cancelled_registrations"] for each in answer["rows"]] == [ids, []]
    assert (answer["totals"]["written"], answer["totals"]["cancelled_registrations"]) == (2, 2)
    for session in sessions:
        told = (await world.registration(session, leaving))["cancelled"]
        assert (told["by"], told["late"], told["neutral"]) == ("system", False, True)
        assert await world.statuses(session, waiting) == ["confirmed"]
        assert (await world.event_names(session))[-2:] == ["registration-cancelled", "registration-confirmed"]


async def test_what_begins_on_the_last_day_and_what_another_employer_booked_stays(world: World) -> None:
    leaving, number = await person(world)
    elsewhere = await world.staff("1884", number=number)
    today, later = await world.session(starts=NOW), await world.session(starts=NOW + 2 * DAY)
    await world.outcomes(today, leaving, at=NOW - DAY)
    await world.outcomes(later, elsewhere)
    answer = await imported(world, [leaves(number)])
    assert (answer["rows"][0]["outcome"], answer["totals"]["cancelled_registrations"]) == ("update", 0)
    assert await world.statuses(today, leaving) == ["confirmed"]
    assert await world.statuses(later, elsewhere) == ["confirmed"]


async def test_a_seat_goes_to_nobody_who_leaves_by_the_same_file(world: World) -> None:
    (seated, first), (queued, second) = await person(world), await person(world)
    staying = await world.staff()
    session = await world.session(1, starts=NOW + 30 * DAY)
    await world.outcomes(session, seated)
    await world.outcomes(session, queued)
    await world.outcomes(session, staying)
    await imported(world, [leaves(first), leaves(second)])
    assert await world.statuses(session, seated, queued, staying) == ["cancelled", "cancelled", "confirmed"]
    assert "registration-confirmed" not in (await world.event_names(session))[-3:-1]


@pytest.mark.parametrize("params", [{"dry_run": "true"}, {}], ids=["a dry run", "a file with a wrong row"])
async def test_what_is_not_written_says_what_it_would_cancel_and_cancels_nothing(
    world: World, params: dict[str, str]
) -> None:
    leaving, number = await person(world)
    session = await world.session(starts=NOW + 31 * DAY)
    await world.outcomes(session, leaving)
    before = await world.event_names(session)
    rows = [leaves(number), *([] if params else [row("198001010000")])]
    answer = await imported(world, rows, **params)
    assert answer["rows"][0]["cancelled_registrations"] == [(await world.registration(session, leaving))["id"]]
    assert answer["totals"]["written"] == 0
    assert await world.statuses(session, leaving) == ["confirmed"]
    assert await world.event_names(session) == before


async def test_the_same_file_again_cancels_nothing(world: World) -> None:
    leaving, number = await person(world)
    session = await world.session(starts=NOW + 32 * DAY)
    await world.outcomes(session, leaving)
    assert (await imported(world, [leaves(number)]))["totals"]["cancelled_registrations"] == 1
    again = await imported(world, [leaves(number)])
    assert (again["totals"]["unchanged"], again["totals"]["cancelled_registrations"]) == (1, 0)


async def test_two_files_that_end_each_others_people_in_opposite_order_lose_nothing(world: World) -> None:
    for turn in range(4):
        people = [await person(world) for _ in range(6)]
        sessions = [await world.session(6, starts=NOW + (60 + 8 * turn + n) * DAY) for n in range(6)]
        for session in sessions:
            await world.outcomes(session, *(staff for staff, _ in people))
        rows = [leaves(number) for _, number in people]
        answers = [answered(each) for each in await asyncio.gather(send(world, rows), send(world, rows[::-1]))]
        cancelled = [one for answer in answers for each in answer["rows"] for one in each["cancelled_registrations"]]
        assert len(cancelled) == len(set(cancelled)) == 36
        for session in sessions:
            assert set(await world.statuses(session, *(staff for staff, _ in people))) == {"cancelled"}
            assert (await world.event_names(session)).count("registration-cancelled") == 6


async def test_nobody_is_registered_for_later_while_a_file_ends_the_employment(world: World) -> None:
    for turn in range(4):
        leaving, number = await person(world)
        sessions = [await world.session(starts=NOW + (100 + 4 * turn + n) * DAY) for n in range(4)]
        answers = await asyncio.gather(
            *(world.register(session, leaving) for session in sessions[:2]),
            send(world, [leaves(number)]),
            *(world.register(session, leaving) for session in sessions[2:]),
        )
        if answers[2].status_code == 409:
            await imported(world, [leaves(number)])
        listed = await world.get("/booking/v1/registrations", staff=leaving, status="confirmed")
        assert listed["items"] == []


async def test_a_file_that_ends_more_than_can_be_locked_is_told_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_staff, "MOST_ENDINGS", 1)
    people = [await person(world) for _ in range(2)]
    answer = await imported(world, [leaves(number) for _, number in people])
    assert [each["outcome"] for each in answer["rows"]] == ["update", "error"]
    assert [error["code"] for error in answer["rows"][1]["errors"]] == ["too-many-endings"]
    assert answer["totals"]["written"] == 0


async def test_a_long_file_does_it_in_its_job(stack: Stack) -> None:
    async with running(stack, ["booking"], pipeline=Pipeline) as origin:
        world = await World.made(origin, SystemClock())  # type: ignore[arg-type]  # the service has a real clock
        now = SystemClock().now()
        (leaving, number), waiting = await person(world), await world.staff()
        session = await world.session(1, starts=now + 30 * DAY)
        await world.outcomes(session, leaving)
        await world.outcomes(session, waiting)
        others = [row(personal_number(next(SERIALS))) for _ in range(1_000)]
        last_day = local_day(now).isoformat()
        job = (await imported(world, [row(number, valid_to=last_day), *others]))["job"]

        async def shown() -> Json:
            return await world.get(f"/booking/v1/jobs/{job}")

        done = await eventually(shown, until=lambda job: job["state"] in ("done", "failed"), within=60)
        registration = await world.registration(session, leaving)
        assert done["result"]["rows"][0]["cancelled_registrations"] == [registration["id"]]
        assert registration["status"] == "cancelled"
        assert await world.statuses(session, waiting) == ["confirmed"]
