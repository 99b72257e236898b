"""Rescheduling and cancelling sessions: who stays, who is cancelled, and what no longer changes."""

from uuid import UUID

import pytest

from tests.support.answers import answered, refused
from tests.support.booking_world import (
    DAY,
    HOUR,
    NORA,
    NOW,
    OREBRO,
    World,
    occasion,
)

START = NOW + 30 * DAY


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_rescheduling_keeps_the_occasions_that_are_named_again(world: World) -> None:
    session = await world.session(occasions=[occasion(START), occasion(START + DAY)])
    [first, second] = (await world.get(f"/booking/v1/sessions/{session}"))["occasions"]
    moved = [
        occasion(START + 7 * DAY, occasion_id=second["occasion_id"]),
        occasion(START + 8 * DAY),
    ]
    answer = await world.post(f"/booking/v1/sessions/{session}/reschedule", {"occasions": moved, "venue": "Annexet"})
    kept, fresh = (each["occasion_id"] for each in answer["occasions"])
    assert kept == second["occasion_id"]
    assert fresh not in (first["occasion_id"], second["occasion_id"])
    assert answer["venue"] == "Annexet"
    assert (await world.event_names(session))[-1] == "session-rescheduled"


async def test_an_occasion_of_another_session_is_not_taken_over(world: World) -> None:
    session, other = await world.session(), await world.session(starts=START + DAY)
    [foreign] = (await world.get(f"/booking/v1/sessions/{other}"))["occasions"]
    answer = await world.coordinator.post(
        f"/booking/v1/sessions/{session}/reschedule",
        json={"occasions": [occasion(START, occasion_id=foreign["occasion_id"])]},
    )
    refused(answer, 422, "validation")


async def test_rescheduling_puts_nobody_in_two_places_at_once(world: World) -> None:
    session, other = await world.session(), await world.session(starts=START + DAY)
    person = await world.staff()
    await world.outcomes(session, person)
    await world.outcomes(other, person)
    answer = await world.coordinator.post(
        f"/booking/v1/sessions/{session}/reschedule", json={"occasions": [occasion(START + DAY)]}
    )
    refused(answer, 409, "overlapping-registration")


async def test_force_cancels_those_who_have_another_session_and_nobody_else(world: World) -> None:
    session, other = await world.session(3), await world.session(starts=START + DAY)
    busy, waiting_elsewhere, free = await world.several(3)
    await world.outcomes(session, busy, waiting_elsewhere, free)
    await world.outcomes(other, busy)
    await world.patch(other, capacity=1)
    await world.outcomes(other, waiting_elsewhere)
    path, moved = f"/booking/v1/sessions/{session}/reschedule", {"occasions": [occasion(START + DAY)]}
    answer = await world.coordinator.post(path, json=moved)
    refused(answer, 409, "overlapping-registration")
    named = {(each["id"], each["session"]) for each in answer.json()["registrations"]}
    assert named == {((await world.registration(session, person))["id"], other) for person in (busy, waiting_elsewhere)}
    world.clock.at = START - DAY  # after the deadline
    await world.post(path, {**moved, "force": True})
    people = (busy, waiting_elsewhere, free)
    assert await world.statuses(session, *people) == ["cancelled", "cancelled", "confirmed"]
    published = [data for name, data in await world.events(session) if name == "registration-cancelled"]
    assert [(each["late"], each["neutral"], each["by"]) for each in published] == [(False, True, "coordinator")] * 2
    assert await world.statuses(other, busy, waiting_elsewhere) == ["confirmed", "waitlisted"]


async def test_once_people_are_registered_dates_change_by_rescheduling_only(world: World) -> None:
    session, person = await world.session(1), await world.staff()
    answered(await world.patch(session, occasions=[occasion(START + HOUR)]))
    await world.outcomes(session, person)
    shown = await world.get(f"/booking/v1/sessions/{session}")
    answer = await world.patch(session, occasions=[occasion(START + DAY)])
    refused(answer, 422, "use-reschedule")
    [same] = shown["occasions"]
    refused(await world.patch(session, occasions=[{**same, "break_minutes": 0}]), 422, "use-reschedule")
    answered(await world.patch(session, occasions=[same], venue="Annexet"))


@pytest.mark.parametrize("act", ["cancel", "reschedule", "patch"])
async def test_what_is_attested_is_neither_moved_nor_cancelled_also_not_afterwards(world: World, act: str) -> None:
    session, person = await world.session(starts=NOW - 30 * DAY, at=NOW - 60 * DAY), await world.staff()
    if act != "patch":
        await world.outcomes(session, person, at=NOW - 50 * DAY)
    await attested(world, session, True)
    seen = await world.coordinator.get(f"/booking/v1/sessions/{session}")
    body = {"cause": "other"} if act == "cancel" else {"occasions": [occasion(NOW - 20 * DAY)]}
    for headers in ({}, {"Kursnav-Occurred-At": (NOW - 40 * DAY).isoformat()}):
        if act == "patch":
            headers |= {"If-Match": seen.headers["ETag"]}
            answer = await world.coordinator.patch(f"/booking/v1/sessions/{session}", json=body, headers=headers)
        else:
            answer = await world.coordinator.post(f"/booking/v1/sessions/{session}/{act}", json=body, headers=headers)
        refused(answer, 409, "roll-attested")
    await attested(world, session, False)  # reopened
    if act == "cancel":
        await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "other"}, at=NOW - 40 * DAY)


async def attested(world: World, session: str, attested: bool) -> None:
    """What booking knows of a roll; `test_eligibility.py` takes it from attendance's events."""
    statement = (
        "INSERT INTO roll_states (session_id, sequence, attested) VALUES ($1, 1, $2) "
        "ON CONFLICT (session_id) DO UPDATE SET attested = $2"
    )
    await world.origin.rows("booking", statement, UUID(session), attested)


async def test_a_cancelled_session_keeps_its_registrations_and_ends_its_queue(world: World) -> None:
    session = await world.session(1)
    seated, waiting = await world.several(2)
    await world.outcomes(session, seated)
    await world.outcomes(session, waiting)
    world.clock.at = START - DAY  # after the deadline
    answer = await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "trainer-absent", "note": "Sjuk"})
    assert answer["state"] == "cancelled"
    assert {**answer["cancellation"], "at": None} == {"cause": "trainer-absent", "note": "Sjuk", "at": None}
    assert (answer["seats"]["confirmed"], answer["seats"]["waitlisted"], answer["seats"]["bookable"]) == (1, 0, 0)
    assert await world.statuses(session, seated, waiting) == ["confirmed", "cancelled"]
    [first, *rest] = (await world.events(session))[3:]
    assert (first[0], first[1]["cause"], first[1]["state"]) == ("session-cancelled", "trainer-absent", "cancelled")
    assert [(name, data["was"], data["by"], data["late"], data["neutral"]) for name, data in rest] == [
        ("registration-cancelled", "waitlisted", "system", False, True)
    ]
    same_time = await world.session()
    world.clock.at = NOW
    assert await world.outcomes(same_time, seated, waiting) == ["confirmed", "confirmed"]


async def test_a_release_that_is_due_happens_before_the_cancellation(world: World) -> None:
    session = await world.session(3, seat_shares={NORA: 2}, shares_release_at=(NOW + DAY).isoformat())
    world.clock.advance(2 * DAY)
    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"})
    assert await world.event_names(session) == ["session-scheduled", "share-released", "session-cancelled"]


async def test_a_capacity_is_kept_above_guaranteed_seats_until_they_are_released(world: World) -> None:
    session = await world.session(6, seat_shares={NORA: 3, OREBRO: 2}, shares_release_at=(NOW + DAY).isoformat())
    refused(await world.patch(session, capacity=4), 409, "shares-exceed-free-seats")
    chosen = refused(await world.patch(session, capacity=4, seat_shares={NORA: 5}), 422, "validation")
    assert chosen["errors"][0]["pointer"] == "/seat_shares"
    world.clock.advance(2 * DAY)
    assert answered(await world.patch(session, capacity=4))["seats"]["free"] == 4
    await world.post(f"/booking/v1/sessions/{session}/reschedule", {"occasions": [occasion(START + DAY)]})


async def test_a_cancelled_session_takes_no_further_act(world: World) -> None:
    session = await world.session()
    person = await world.staff()
    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "other"})
    again = await world.coordinator.post(f"/booking/v1/sessions/{session}/cancel", json={"cause": "other"})
    refused(again, 409, "session-cancelled")
    refused(await world.register(session, person), 409, "session-cancelled")
    refused(await world.patch(session, venue="A"), 409, "session-cancelled")


async def test_completed_is_derived_and_does_not_refuse_what_happened_before(world: World) -> None:
    session = await world.session()
    person = await world.staff()
    await world.outcomes(session, person)
    world.clock.advance(40 * DAY)
    assert (await world.get(f"/booking/v1/sessions/{session}"))["state"] == "completed"
    late = await world.coordinator.post(f"/booking/v1/sessions/{session}/cancel", json={"cause": "venue"})
    refused(late, 409, "session-completed")
    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"}, at=START - DAY)
    assert (await world.get(f"/booking/v1/sessions/{session}"))["state"] == "cancelled"


async def test_an_act_that_is_entered_afterwards_is_dated_by_when_it_happened(world: World) -> None:
    happened = NOW - 300 * DAY
    session = await world.session(starts=NOW - 250 * DAY, at=happened)
    rows = await world.origin.rows("booking", "SELECT headers, recorded_at FROM outbox WHERE key = $1", session)
    assert happened.isoformat()[:19] in rows[0]["headers"]
    assert rows[0]["recorded_at"] == NOW
