"""Seats held before the names are known: reserving, naming, lapsing, giving back."""

from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from services.booking.reservations.remind import take_due_reminders
from services.booking.waiting_list.sweep import sweep
from tests.support.answers import Json, answered, if_match, problem
from tests.support.booking_world import DAY, HOUR, NORA, NOW, OREBRO, World, entered, occasion

pytestmark = pytest.mark.asyncio(loop_scope="module")

STARTS = NOW + 30 * DAY
NAME_BY = NOW + 10 * DAY


async def reserve(
    world: World,
    session: str,
    seats: int,
    *,
    municipality: str | None = NORA,
    name_by: datetime = NAME_BY,
    by: httpx2.AsyncClient | None = None,
    at: datetime | None = None,
) -> httpx2.Response:
    body = {"seats": seats, "name_by": name_by.isoformat(), "municipality": municipality}
    client = by or world.coordinator
    return await client.post(f"/booking/v1/sessions/{session}/reservations", json=body, headers=entered(at))


async def reserved(world: World, session: str, seats: int, **options: Any) -> Json:
    answer = await reserve(world, session, seats, **options)
    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == '"1"'
    return dict(answer.json())


async def name(
    world: World,
    reservation: str,
    *staff: str,
    by: httpx2.AsyncClient | None = None,
    at: datetime | None = None,
    etag: str | None = None,
) -> httpx2.Response:
    client = by or world.coordinator
    path = f"/booking/v1/reservations/{reservation}"
    seen = {"If-Match": etag} if etag else if_match(await client.get(path))
    return await client.put(f"{path}/names", json={"staff": list(staff)}, headers=seen | entered(at))


async def named(world: World, reservation: str, *staff: str, **options: Any) -> list[str]:
    answer = await name(world, reservation, *staff, **options)
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["staff"] for result in results] == list(staff)
    return [result["outcome"] for result in results]


async def shown(world: World, reservation: str) -> Json:
    return await world.get(f"/booking/v1/reservations/{reservation}")


async def give_back(world: World, reservation: str, by: httpx2.AsyncClient | None = None) -> httpx2.Response:
    client, path = by or world.coordinator, f"/booking/v1/reservations/{reservation}"
    return await client.delete(path, headers=if_match(await world.coordinator.get(path)))


async def sweep_all(world: World) -> None:
    await sweep(world.origin.services["booking"].app.state.units)


# --- reserving -------------------------------------------------------------------------------------------------------


async def test_a_held_seat_is_nobody_elses(world: World) -> None:
    session = await world.session(3)
    made = await reserved(world, session, 2, municipality=None, by=world.municipality(NORA))
    assert made == {
        "id": made["id"],
        "session": session,
        "municipality": NORA,
        "seats": 2,
        "named": 0,
        "held": 2,
        "name_by": made["name_by"],
        "state": "open",
    }
    assert await world.seats(session) == {
        "capacity": 3,
        "confirmed": 0,
        "held": 2,
        "free": 1,
        "bookable": 1,
        "waitlisted": 0,
    }
    assert await world.outcomes(session, *await world.several(2), policy="any") == ["confirmed", "waitlisted"]
    names = [event for event, _ in await world.events(session)]
    assert names == ["session-scheduled", "seats-reserved", "registration-confirmed", "registration-waitlisted"]


async def test_more_than_the_municipality_could_book_is_refused_with_how_many_there_are(world: World) -> None:
    session = await world.session(5, seat_shares={OREBRO: 3}, shares_release_at=(NOW + 20 * DAY).isoformat())
    refused = await reserve(world, session, 3)
    assert problem(refused) == (409, "session-full")
    assert refused.json()["available"] == 2
    assert (await world.seats(session))["held"] == 0
    await reserved(world, session, 2)


async def test_reserving_does_not_pass_those_who_wait(world: World) -> None:
    session, people = await world.session(3), await world.several(4)
    await world.outcomes(session, *people[:2])
    assert await world.outcomes(session, *people[2:]) == ["waitlisted"] * 2  # for two seats at once; one is free
    assert problem(await reserve(world, session, 1)) == (409, "session-full")


@pytest.mark.parametrize(
    ("name_by", "code"),
    [(NOW, "in-the-past"), (NOW - HOUR, "in-the-past"), (STARTS + timedelta(seconds=1), "after-start")],
)
async def test_a_deadline_in_the_past_or_after_the_start_is_refused(world: World, name_by: datetime, code: str) -> None:
    refused = await reserve(world, await world.session(starts=STARTS), 1, name_by=name_by)
    assert problem(refused) == (422, "validation")
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [("/name_by", code)]


async def test_the_deadline_may_be_the_start_itself(world: World) -> None:
    await reserved(world, await world.session(starts=STARTS), 1, name_by=STARTS)


async def test_the_coordinator_says_for_whom_and_a_municipality_reserves_for_itself_alone(world: World) -> None:
    session = await world.session()
    refusals = [
        await reserve(world, session, 1, municipality=None),
        await reserve(world, session, 1, municipality="9999"),
        await reserve(world, session, 1, municipality=OREBRO, by=world.municipality(NORA)),
    ]
    codes = [refused.json()["errors"][0]["code"] for refused in refusals]
    assert codes == ["missing", "unknown-municipality", "not-your-municipality"]


async def test_a_municipality_sees_its_own_reservations_and_no_others(world: World) -> None:
    session = await world.session()
    own, other = await reserved(world, session, 1), await reserved(world, session, 2, municipality=OREBRO)
    nora, path = world.municipality(NORA), f"/booking/v1/sessions/{session}/reservations"
    assert answered(await nora.get(path))["items"] == [own]
    assert (await world.get(path))["items"] == [own, other]
    assert problem(await nora.get(f"/booking/v1/reservations/{other['id']}")) == (404, "not-found")
    assert problem(await give_back(world, other["id"], by=nora)) == (404, "not-found")


async def test_a_session_that_takes_no_bookings_takes_no_reservations(world: World) -> None:
    closed = await world.session(registration_opens_at=(NOW + DAY).isoformat())
    assert problem(await reserve(world, closed, 1)) == (409, "registration-not-open")
    cancelled = await world.session()
    await world.post(f"/booking/v1/sessions/{cancelled}/cancel", {"cause": "other"})
    assert problem(await reserve(world, cancelled, 1)) == (409, "session-cancelled")


# --- naming ----------------------------------------------------------------------------------------------------------


async def test_names_take_the_held_seats_and_the_last_one_fills_it(world: World) -> None:
    session, people = await world.session(3), await world.several(3, NORA)
    reservation = (await reserved(world, session, 3))["id"]
    nora = world.municipality(NORA)
    assert await named(world, reservation, *people[:2], by=nora) == ["confirmed", "confirmed"]
    assert {**await shown(world, reservation), "name_by": None} == {
        "id": reservation,
        "session": session,
        "municipality": NORA,
        "seats": 3,
        "named": 2,
        "held": 1,
        "name_by": None,
        "state": "open",
    }
    assert await named(world, reservation, people[2]) == ["confirmed"]
    filled = await shown(world, reservation)
    assert (filled["state"], filled["named"], filled["held"]) == ("filled", 3, 0)
    seats = await world.seats(session)
    assert (seats["confirmed"], seats["held"], seats["free"]) == (3, 0, 0)
    told = [data["via"] for event, data in await world.events(session) if event == "registration-confirmed"]
    assert told == ["reservation"] * 3
    assert "seats-released" not in await world.event_names(session)


async def test_the_same_names_again_change_nothing_also_when_it_is_filled(world: World) -> None:
    session, people = await world.session(), await world.several(2, NORA)
    reservation = (await reserved(world, session, 2))["id"]
    first = answered(await name(world, reservation, *people))
    events = len(await world.events(session))
    assert answered(await name(world, reservation, *people)) == first
    assert answered(await name(world, reservation, people[1]))["results"] == first["results"][1:]
    assert (await shown(world, reservation))["named"] == 2  # a shorter list takes no name away
    assert len(await world.events(session)) == events


async def test_more_names_than_held_seats_name_nobody(world: World) -> None:
    session, people = await world.session(), await world.several(4, NORA)
    reservation = (await reserved(world, session, 2))["id"]
    await named(world, reservation, people[0])
    refused = await name(world, reservation, *people[:3])
    assert problem(refused) == (409, "more-than-held")
    assert refused.json()["held"] == 1
    assert (await world.seats(session))["confirmed"] == 1
    assert await named(world, reservation, *people[:2]) == ["confirmed", "confirmed"]
    assert problem(await name(world, reservation, people[3])) == (409, "more-than-held")


async def test_who_may_not_take_part_is_rejected_and_the_others_are_named(world: World) -> None:
    session = await world.session()
    nurse, base = await world.staff(NORA, category="licensed"), await world.staff(NORA)
    reservation = (await reserved(world, session, 2))["id"]
    answer = answered(await name(world, reservation, nurse, base))
    assert [result["outcome"] for result in answer["results"]] == ["rejected", "confirmed"]
    assert answer["results"][0]["problem"]["type"].endswith("/not-in-target-group")
    assert (await shown(world, reservation))["held"] == 1


async def test_names_need_the_revision_that_was_seen(world: World) -> None:
    session, people = await world.session(), await world.several(2, NORA)
    reservation = (await reserved(world, session, 2))["id"]
    await named(world, reservation, people[0])
    assert problem(await name(world, reservation, people[1], etag='"1"')) == (412, "stale-if-match")
    path = f"/booking/v1/reservations/{reservation}/names"
    assert problem(await world.coordinator.put(path, json={"staff": people})) == (428, "if-match-required")


async def test_only_staff_of_the_municipality_that_reserved_can_be_named(world: World) -> None:
    reservation = (await reserved(world, await world.session(), 2))["id"]
    people = [await world.staff(NORA), await world.staff(OREBRO)]
    refused = await name(world, reservation, *people)
    assert problem(refused) == (422, "validation")
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/staff/1"]
    assert problem(await name(world, reservation, people[1], by=world.municipality(NORA))) == (404, "not-found")


async def test_a_seat_that_a_named_person_gives_up_goes_to_the_queue_and_not_back(world: World) -> None:
    session, person = await world.session(1), await world.staff(NORA)
    reservation = (await reserved(world, session, 1))["id"]
    await named(world, reservation, person)
    waiting = await world.staff()
    assert await world.outcomes(session, waiting) == ["waitlisted"]
    await world.cancel(session, person)
    assert await world.statuses(session, waiting) == ["confirmed"]
    assert problem(await name(world, reservation, person)) == (409, "more-than-held")


# --- lapsing ---------------------------------------------------------------------------------------------------------


async def test_what_has_no_name_by_the_deadline_goes_to_those_who_wait(world: World) -> None:
    session, person, waiting = await world.session(2), await world.staff(NORA), await world.staff()
    reservation = (await reserved(world, session, 2))["id"]
    await named(world, reservation, person)
    assert await world.outcomes(session, waiting) == ["waitlisted"]
    world.clock.at = NAME_BY + timedelta(seconds=20)
    assert (await shown(world, reservation))["state"] == "lapsed"  # before anything has noted it
    assert (await world.seats(session))["held"] == 0
    await sweep_all(world)
    assert await world.statuses(session, waiting, person) == ["confirmed", "confirmed"]
    lapsed = await shown(world, reservation)
    assert (lapsed["state"], lapsed["named"], lapsed["held"]) == ("lapsed", 1, 0)
    released = [data for event, data in await world.events(session) if event == "seats-released"]
    assert [(data["reservation_id"], data["seats"]) for data in released] == [(reservation, 1)]
    promoted = await world.registration(session, waiting)
    assert datetime.fromisoformat(promoted["confirmed_at"]) == NAME_BY  # from then on, whenever it was noticed


async def test_an_act_after_the_deadline_counts_it_as_lapsed_from_its_moment(world: World) -> None:
    session, person = await world.session(1), await world.staff(NORA)
    reservation = (await reserved(world, session, 1))["id"]
    world.clock.at = NAME_BY
    refused = await name(world, reservation, person)
    assert problem(refused) == (409, "reservation-ended")
    assert refused.json()["reservation_state"] == "lapsed"
    assert await world.outcomes(session, person) == ["confirmed"]


async def test_lapses_and_releases_take_effect_in_their_order(world: World) -> None:
    """Two deadlines and a release lie behind: each seat goes to who waited first for it at its moment."""
    session = await world.session(3, seat_shares={NORA: 1}, shares_release_at=(NOW + 6 * DAY).isoformat())
    for days in (5, 7):
        await reserved(world, session, 1, municipality=OREBRO, name_by=NOW + days * DAY)
    people = await world.several(3)
    assert [(await world.outcomes(session, each))[0] for each in people] == ["waitlisted"] * 3
    world.clock.at = NOW + 8 * DAY
    await sweep_all(world)
    assert await world.statuses(session, *people) == ["confirmed"] * 3
    names = (await world.event_names(session))[-6:]
    assert names == [
        "seats-released",
        "registration-confirmed",
        "share-released",
        "registration-confirmed",
        "seats-released",
        "registration-confirmed",
    ]


async def test_a_past_year_is_entered_and_lapses_by_the_next_act_after_the_deadline(world: World) -> None:
    begun = datetime.fromisoformat("2025-03-03T09:00:00+01:00")
    session = await world.session(2, starts=begun + 30 * DAY, at=begun)
    person, late, other = await world.staff(NORA), await world.staff(NORA), await world.staff()
    reservation = (await reserved(world, session, 2, name_by=begun + 10 * DAY, at=begun))["id"]
    await sweep_all(world)
    assert (await shown(world, reservation))["state"] == "open"
    assert await named(world, reservation, person, at=begun + DAY) == ["confirmed"]
    assert problem(await name(world, reservation, late, at=begun - DAY)) == (409, "before-its-reservation")
    assert await world.outcomes(session, other, at=begun + 11 * DAY) == ["confirmed"]
    assert (await shown(world, reservation))["state"] == "lapsed"
    assert problem(await name(world, reservation, late, at=begun + 2 * DAY)) == (409, "reservation-ended")


async def test_a_session_that_is_moved_forward_ends_the_holding_when_it_begins(world: World) -> None:
    session = await world.session(1, starts=STARTS)
    reservation = (await reserved(world, session, 1, name_by=STARTS - DAY))["id"]
    earlier = NOW + 2 * DAY
    await world.post(f"/booking/v1/sessions/{session}/reschedule", {"occasions": [occasion(earlier)]})
    world.clock.at = earlier + HOUR
    refused = await name(world, reservation, await world.staff(NORA))
    assert problem(refused)[0] == 409
    assert (await world.seats(session))["confirmed"] == 0


# --- giving back, and other acts -------------------------------------------------------------------------------------


async def test_what_is_given_back_goes_to_those_who_wait_and_who_was_named_stays(world: World) -> None:
    session, person, waiting = await world.session(2), await world.staff(NORA), await world.staff()
    reservation = (await reserved(world, session, 2))["id"]
    await named(world, reservation, person)
    await world.outcomes(session, waiting)
    answer = answered(await give_back(world, reservation))
    assert (answer["state"], answer["named"], answer["held"]) == ("deleted", 1, 0)
    assert await world.statuses(session, person, waiting) == ["confirmed", "confirmed"]
    assert problem(await give_back(world, reservation)) == (409, "reservation-ended")
    assert problem(await name(world, reservation, waiting)) == (422, "validation")


async def test_a_cancelled_session_holds_no_seats(world: World) -> None:
    session = await world.session()
    reservation = (await reserved(world, session, 2))["id"]
    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"})
    assert (await shown(world, reservation))["state"] == "deleted"
    assert (await world.event_names(session))[-1] == "seats-released"


async def test_the_capacity_never_falls_below_what_is_confirmed_and_held(world: World) -> None:
    session = await world.session(5)
    await world.outcomes(session, await world.staff())
    await reserved(world, session, 2)
    refused = await world.patch(session, capacity=2)
    assert problem(refused) == (409, "capacity-below-taken")
    assert refused.json()["taken"] == 3
    answered(await world.patch(session, capacity=3))


async def test_a_reservation_uses_the_municipalitys_own_share_first(world: World) -> None:
    session = await world.session(4, seat_shares={NORA: 2}, shares_release_at=(NOW + 20 * DAY).isoformat())
    await reserved(world, session, 3)
    assert await world.outcomes(session, *await world.several(2), policy="any") == ["confirmed", "waitlisted"]


async def test_a_reminder_is_due_once_three_days_before_the_names_are(world: World) -> None:
    session = await world.session()
    made = await reserved(world, session, 2)
    await reserved(world, session, 1, name_by=NOW + DAY)  # so late that nobody has to be reminded
    assert made["id"] not in await due_reminders(world)
    world.clock.at = NAME_BY - 3 * DAY
    assert (await due_reminders(world))[made["id"]] == 2
    assert made["id"] not in await due_reminders(world)


async def due_reminders(world: World) -> dict[str, int]:
    """How many seats wait for names, by reservation."""
    async with world.origin.services["booking"].app.state.units.system() as unit:
        return {str(row["id"]): row["held"] for row in await take_due_reminders(unit)}
