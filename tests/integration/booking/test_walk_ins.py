"""Who came without a registration: taken on the spot, or identified afterwards; attendance's marks find the person."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.answers import Json, answered, ok, problem
from tests.support.booking_world import (
    DAY,
    HALLEFORS,
    HOUR,
    NORA,
    NOW,
    OREBRO,
    World,
    client,
    entered,
    personal_number,
    seats,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

STARTS = NOW + 30 * DAY


async def trainer(world: World) -> tuple[str, httpx2.AsyncClient]:
    teacher = await world.trainer()
    return teacher, client(world.origin, Role.TRAINER, trainer_id=teacher)


async def begun(world: World, capacity: int = 10, **fields: Any) -> tuple[str, httpx2.AsyncClient]:
    """A session that has begun, and its trainer's client."""
    world.clock.at = NOW
    teacher, by = await trainer(world)
    session = await world.session(capacity, starts=STARTS, trainers=[teacher], **fields)
    world.clock.at = STARTS + HOUR
    return session, by


async def person(world: World, municipality: str = NORA, **fields: Any) -> tuple[str, str]:
    """Staff id and personal number of a new employment."""
    number = personal_number(next(world._numbers))
    return await world.staff(municipality, number=number, **fields), number


async def send(by: httpx2.AsyncClient, session: str, **body: Any) -> httpx2.Response:
    return await by.post(f"/booking/v1/sessions/{session}/walk-ins", json={"walk_in_id": str(uuid4()), **body})


async def came(by: httpx2.AsyncClient, session: str, **body: Any) -> Json:
    return dict(ok(await send(by, session, **body), 201))


async def identify(by: httpx2.AsyncClient, walk_in: str, staff: str) -> httpx2.Response:
    return await by.post(f"/booking/v1/walk-ins/{walk_in}/identify", json={"staff": staff})


# --- taken on the spot -----------------------------------------------------------------------------------------------


async def test_who_is_known_by_the_number_is_on_the_roll_at_once(world: World) -> None:
    staff, number = await person(world)
    session, by = await begun(world)
    walk_in = await came(by, session, personal_number=number)
    registration = await world.registration(session, staff)
    assert (registration["status"], registration["via"], registration["municipality"]) == ("confirmed", "walk-in", NORA)
    assert walk_in == {
        "id": walk_in["id"],
        "walk_in_id": walk_in["walk_in_id"],
        "session": session,
        "state": "confirmed",
        "registration_id": registration["id"],
        "municipality": NORA,
        "name": None,
        "came_at": walk_in["came_at"],
    }
    [(_, told)] = [each for each in await world.events(session) if each[0] == "registration-confirmed"]
    assert (told["via"], told["walk_in_id"]) == ("walk-in", walk_in["walk_in_id"])


async def test_the_same_walk_in_again_changes_nothing(world: World) -> None:
    _, number = await person(world)
    session, by = await begun(world)
    first = await came(by, session, personal_number=number)
    events = len(await world.events(session))
    assert await came(by, session, walk_in_id=first["walk_in_id"], personal_number=number) == first
    assert await came(by, session, walk_in_id=first["walk_in_id"]) == first
    assert len(await world.events(session)) == events
    other, _ = await begun(world)
    taken = await send(world.coordinator, other, walk_in_id=first["walk_in_id"])
    assert problem(taken) == (409, "walk-in-id-taken")


async def test_a_number_with_a_wrong_check_digit_is_refused(world: World) -> None:
    session, by = await begun(world)
    refused = await send(by, session, personal_number="19811218-9875")
    assert problem(refused) == (422, "validation")
    assert refused.json()["errors"][0]["pointer"] == "/personal_number"
    assert "9875" not in refused.text


async def test_who_is_registered_already_keeps_that_registration_and_the_marks_find_it(world: World) -> None:
    staff, number = await person(world)
    teacher, by = await trainer(world)
    session = await world.session(trainers=[teacher], starts=STARTS)
    await world.outcomes(session, staff)
    registration = await world.registration(session, staff)
    world.clock.at = STARTS
    walk_in = await came(by, session, personal_number=number)
    assert walk_in["registration_id"] == registration["id"]
    assert await world.registration(session, staff) == registration
    told = [data for name, data in await world.events(session) if name == "registration-confirmed"]
    assert [(each["via"], each.get("walk_in_id")) for each in told] == [
        ("single", None),
        ("single", walk_in["walk_in_id"]),
    ]
    assert (await world.seats(session))["confirmed"] == 1


async def test_who_is_there_is_taken_beyond_capacity_and_nobody_is_promoted(world: World) -> None:
    (seated, waiting), (_, number) = await world.several(2), await person(world)
    teacher, by = await trainer(world)
    session = await world.session(1, starts=STARTS, trainers=[teacher])
    assert await world.outcomes(session, seated) == ["confirmed"]
    assert await world.outcomes(session, waiting) == ["waitlisted"]
    world.clock.at = STARTS - HOUR
    await came(by, session, personal_number=number)
    assert await world.seats(session) == seats(1, confirmed=2, waitlisted=1)
    world.clock.at = STARTS - 20 * DAY  # back when a free seat would still be given
    await world.cancel(session, seated)
    assert await world.statuses(session, waiting) == ["waitlisted"]
    answered(await world.patch(session, capacity=3))
    assert await world.statuses(session, waiting) == ["confirmed"]


async def test_taking_somebody_in_promotes_nobody_although_a_seat_is_free(world: World) -> None:
    group, (_, number) = await world.several(3), await person(world)
    teacher, by = await trainer(world)
    session = await world.session(3, starts=STARTS, trainers=[teacher])
    [alone] = await world.several(1)
    await world.outcomes(session, alone)
    assert await world.outcomes(session, *group) == ["waitlisted"] * 3
    fits = "UPDATE waiting_entries SET minimum = 1, whole = false WHERE session_id = $1 RETURNING id"
    assert await world.origin.rows("booking", fits, session)  # two seats are free, and a pass would give them
    world.clock.at = STARTS - 20 * HOUR
    await came(by, session, personal_number=number)
    assert (await world.seats(session))["confirmed"] == 2
    assert await world.statuses(session, *group) == ["waitlisted"] * 3


async def test_who_waits_and_comes_leaves_the_queue_for_the_seat(world: World) -> None:
    (seated,), (staff, number) = await world.several(1), await person(world)
    teacher, by = await trainer(world)
    session = await world.session(1, starts=STARTS, trainers=[teacher])
    await world.outcomes(session, seated)
    assert await world.outcomes(session, staff) == ["waitlisted"]
    waiting = await world.registration(session, staff)
    world.clock.at = STARTS
    walk_in = await came(by, session, personal_number=number)
    assert walk_in["registration_id"] == waiting["id"]
    now = await world.registration(session, staff)
    assert (now["status"], now["via"], now["position"]) == ("confirmed", "walk-in", None)
    assert (await world.queue(session))["entries"] == []


async def test_who_had_cancelled_and_comes_gets_a_new_registration(world: World) -> None:
    staff, number = await person(world)
    teacher, by = await trainer(world)
    session = await world.session(starts=STARTS, trainers=[teacher])
    await world.outcomes(session, staff)
    await world.cancel(session, staff)
    world.clock.at = STARTS
    walk_in = await came(by, session, personal_number=number)
    assert (await world.registration(session, staff))["id"] == walk_in["registration_id"]
    assert await world.statuses(session, staff) == ["confirmed"]


async def test_neither_target_group_nor_another_registration_keeps_anybody_out(world: World) -> None:
    staff, number = await person(world, category="licensed", title="Sjuksköterska")
    teacher, by = await trainer(world)
    session = await world.session(starts=STARTS, trainers=[teacher])
    elsewhere = await world.session(starts=STARTS + HOUR, course="PALS")
    assert await world.outcomes(elsewhere, staff) == ["confirmed"]
    world.clock.at = STARTS
    assert (await came(by, session, personal_number=number))["state"] == "confirmed"
    assert await world.statuses(elsewhere, staff) == ["confirmed"]


async def test_of_several_employers_the_one_that_is_named_is_meant(world: World) -> None:
    staff, number = await person(world, NORA)
    await world.staff(OREBRO, number=number)
    session, by = await begun(world)
    unclear = await came(by, session, personal_number=number)
    assert unclear["state"] == "to-identify"
    named = await came(by, session, walk_in_id=unclear["walk_in_id"], personal_number=number, municipality=NORA)
    assert (named["state"], named["municipality"]) == ("confirmed", NORA)
    assert (await world.registration(session, staff))["id"] == named["registration_id"]


async def test_only_the_sessions_own_trainer_takes_people_in(world: World) -> None:
    session, _ = await begun(world)
    _, stranger = await trainer(world)
    assert problem(await send(stranger, session)) == (404, "not-found")
    assert problem(await send(world.municipality(NORA), session)) == (403, "forbidden")


async def test_a_trainer_takes_nobody_in_days_ahead(world: World) -> None:
    session, by = await begun(world, 1)
    assert await world.outcomes(session, await world.staff(), at=STARTS - DAY) == ["confirmed"]
    _, number = await person(world)
    world.clock.at = STARTS - DAY - HOUR
    assert problem(await send(by, session, personal_number=number)) == (409, "session-not-begun")
    assert (await world.seats(session))["confirmed"] == 1
    world.clock.at = STARTS - DAY
    noted = {"walk_in_id": str(uuid4()), "personal_number": number}
    first = await came(by, session, **noted)
    assert first["state"] == "confirmed"
    world.clock.at = STARTS - DAY - HOUR  # as after the session has moved
    assert await came(by, session, **noted) == first


async def test_a_cancelled_session_takes_nobody_in(world: World) -> None:
    session, by = await begun(world)
    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"})
    assert problem(await send(by, session)) == (409, "session-cancelled")


async def test_a_paper_list_of_the_past_is_entered_by_the_coordinator(world: World) -> None:
    staff, number = await person(world)
    session = await world.session(starts=STARTS)
    world.clock.at = STARTS + 40 * DAY
    body = {"walk_in_id": str(uuid4()), "personal_number": number}
    path = f"/booking/v1/sessions/{session}/walk-ins"
    ok(await world.coordinator.post(path, json=body, headers=entered(STARTS + HOUR)), 201)
    assert (await world.registration(session, staff))["confirmed_at"].startswith("2026-04-01T12:00:00")


# --- identified afterwards -------------------------------------------------------------------------------------------


async def test_who_is_not_known_is_identified_by_the_municipality_once(world: World) -> None:
    staff, _ = await person(world)
    session, by = await begun(world)
    unknown = personal_number(700_000)
    walk_in = await came(by, session, personal_number=unknown, name="Kim från Hagby", municipality=NORA)
    assert (walk_in["state"], walk_in["registration_id"]) == ("to-identify", None)
    nora = world.municipality(NORA)
    listed = answered(await nora.get("/booking/v1/walk-ins", params={"session": session, "state": "to-identify"}))
    assert [each["name"] for each in listed["items"]] == ["Kim från Hagby"]
    now = answered(await identify(nora, walk_in["id"], staff))
    assert (now["state"], now["name"]) == ("confirmed", None)
    assert (await world.registration(session, staff))["id"] == now["registration_id"]
    assert problem(await identify(nora, walk_in["id"], staff)) == (409, "walk-in-identified")
    seen = await nora.get(f"/booking/v1/walk-ins/{walk_in['id']}")
    assert (answered(seen), seen.headers["ETag"]) == (now, '"2"')
    kept = str(await world.origin.rows("booking", "SELECT * FROM walk_ins"))
    assert unknown.replace("-", "")[-10:] not in kept.replace("-", "")  # four digits alone are in many an id


async def test_a_municipality_sees_and_names_its_own_only(world: World) -> None:
    (own, _), (foreign, _) = await person(world, NORA), await person(world, HALLEFORS)
    session, by = await begun(world)
    of_nobody = await came(by, session)
    of_nora = await came(by, session, municipality=NORA)
    nora, hallefors = world.municipality(NORA), world.municipality(HALLEFORS)
    listed = answered(await nora.get("/booking/v1/walk-ins", params={"session": session}))["items"]
    assert [each["id"] for each in listed] == [of_nora["id"]]
    assert len((await world.get("/booking/v1/walk-ins", session=session))["items"]) == 2
    assert problem(await identify(nora, of_nobody["id"], own)) == (404, "not-found")
    assert problem(await identify(hallefors, of_nora["id"], foreign)) == (404, "not-found")
    assert problem(await identify(nora, of_nora["id"], foreign)) == (404, "not-found")
    assert answered(await identify(world.coordinator, of_nobody["id"], foreign))["municipality"] == HALLEFORS


async def test_two_walk_ins_of_one_person_have_one_registration(world: World) -> None:
    staff, number = await person(world)
    session, by = await begun(world)
    first = await came(by, session, personal_number=number)
    second = await came(by, session, name="Kim")
    now = answered(await identify(world.coordinator, second["id"], staff))
    assert now["registration_id"] == first["registration_id"]
    assert (await world.seats(session))["confirmed"] == 1


async def test_a_cancellation_afterwards_leaves_the_walk_in_and_its_registration(world: World) -> None:
    staff, number = await person(world)
    session, by = await begun(world)
    walk_in = await came(by, session, personal_number=number)
    await world.cancel(session, staff)
    assert await world.get(f"/booking/v1/walk-ins/{walk_in['id']}") == walk_in
    assert await came(by, session, walk_in_id=walk_in["walk_in_id"], personal_number=number) == walk_in
