"""Registrations over HTTP, on a real database: policies, eligibility, scope, cancelling, late and neutral."""

import json
from typing import Any
from uuid import uuid4

import pytest

from shared.security.roles import Role
from tests.support.answers import answered, refused
from tests.support.booking_world import DAY, HALLEFORS, NORA, NOW, OREBRO, World, client, seats

START = NOW + 30 * DAY
pytestmark = pytest.mark.asyncio(loop_scope="module")


# --- one person ------------------------------------------------------------------------------------------------------


async def test_a_person_is_confirmed_and_the_fact_is_published(world: World) -> None:
    session, person = await world.session(), await world.staff()
    answer = await world.register(session, person)
    assert answer.status_code == 201
    [result] = answer.json()["results"]
    listed = await world.registration(session, person)
    assert result == {
        "staff": person,
        "participant_id": listed["participant_id"],
        "registration_id": listed["id"],
        "outcome": "confirmed",
    }
    name, data = (await world.events(session))[-1]
    assert (name, data["via"], data["municipality"]) == ("registration-confirmed", "single", OREBRO)
    assert data["registration_id"] == result["registration_id"]
    shown = await world.coordinator.get(f"/booking/v1/registrations/{result['registration_id']}")
    assert shown.headers["ETag"] == '"1"'
    assert (shown.json()["session"], shown.json()["staff"], shown.json()["status"]) == (session, person, "confirmed")


async def test_a_full_session_makes_a_person_wait_with_a_position(world: World) -> None:
    session = await world.session(1)
    first, second, third = await world.several(3)
    assert await world.outcomes(session, first) == ["confirmed"]
    for position, person in ((1, second), (2, third)):
        [result] = (await world.register(session, person)).json()["results"]
        assert (result["outcome"], result["position"]) == ("waitlisted", position)
        assert (await world.registration(session, person))["position"] == position
    assert (await world.events(session))[-1][1]["position"] == 2
    assert await world.seats(session) == seats(1, confirmed=1, waitlisted=2)


async def test_without_a_waiting_list_a_full_session_is_a_conflict(world: World) -> None:
    session = await world.session(1)
    first, second = await world.several(2)
    await world.outcomes(session, first)
    for policy in ({"policy": "all"}, {"policy": "any"}, {"policy": "at_least", "at_least": 1}):
        answer = await world.register(session, second, waitlist=False, **policy)
        refused(answer, 409, "session-full")
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/staff/0"]


async def test_a_full_session_says_for_whom_there_is_no_seat(world: World) -> None:
    session = await world.session(2)
    answer = await world.register(session, *await world.several(3), waitlist=False)
    refused(answer, 409, "session-full")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/staff/2", "session-full")]


async def test_support_needs_go_out_encrypted_and_nowhere_else(world: World) -> None:
    session, person = await world.session(), await world.staff()
    answer = await world.register(session, person, support_needs={person: ["language_support"]})
    registration = answer.json()["results"][0]["registration_id"]
    [row] = await world.origin.rows("booking", "SELECT * FROM outbox WHERE key = $1", f"support/{registration}")
    assert row["topic"] == "kursnav.people.v1"
    assert set(json.loads(row["value"])) == {"kid", "nonce", "box"}
    assert "language_support" not in json.dumps(await world.events(session))
    shown = await world.get(f"/booking/v1/registrations/{registration}")
    assert shown["support_needs"] == ["language_support"]


# --- groups ----------------------------------------------------------------------------------------------------------


async def test_all_are_confirmed_or_wait_together(world: World) -> None:
    session = await world.session(3)
    group, pair = await world.several(3), await world.several(2)
    assert await world.outcomes(session, *pair, policy="all") == ["confirmed"] * 2
    answer = await world.register(session, *group, policy="all")
    assert [(each["outcome"], each["position"]) for each in answer.json()["results"]] == [("waitlisted", 1)] * 3
    assert await world.seats(session) == seats(3, confirmed=2, free=1, waitlisted=3)
    refused(await world.register(session, *await world.several(2), waitlist=False), 409, "session-full")


async def test_any_confirms_those_that_fit_and_the_rest_waits_singly(world: World) -> None:
    session = await world.session(2)
    answer = await world.register(session, *await world.several(4), policy="any")
    found = [(each["outcome"], each.get("position")) for each in answer.json()["results"]]
    assert found == [("confirmed", None), ("confirmed", None), ("waitlisted", 1), ("waitlisted", 2)]
    names = await world.event_names(session)
    assert names[1:] == ["registration-confirmed"] * 2 + ["registration-waitlisted"] * 2


async def test_any_rejects_the_rest_without_a_waiting_list(world: World) -> None:
    session = await world.session(1)
    answer = await world.register(session, *await world.several(2), policy="any", waitlist=False)
    assert answer.status_code == 201
    first, second = answer.json()["results"]
    assert (first["outcome"], second["outcome"]) == ("confirmed", "rejected")
    assert second["problem"]["type"].endswith("/session-full")


async def test_at_least_confirms_its_minimum_at_once_or_waits_as_one_group(world: World) -> None:
    session = await world.session(3)
    first, second = await world.several(4), await world.several(3)
    found = await world.outcomes(session, *first, policy="at_least", at_least=2)
    assert found == ["confirmed"] * 3 + ["waitlisted"]
    answer = await world.register(session, *second, policy="at_least", at_least=2)
    assert [(each["outcome"], each["position"]) for each in answer.json()["results"]] == [("waitlisted", 2)] * 3


async def test_a_group_of_several_municipalities_is_seated_by_the_coordinator(world: World) -> None:
    session = await world.session(4, seat_shares={NORA: 2})
    people = [await world.staff(code) for code in (OREBRO, OREBRO, OREBRO, NORA, NORA)]
    found = await world.outcomes(session, *people, policy="any")
    assert found == ["confirmed", "confirmed", "waitlisted", "confirmed", "confirmed"]


async def test_who_may_not_take_part_is_rejected_with_the_reason_and_the_others_go_on(world: World) -> None:
    session = await world.session()
    good, nurse = await world.staff(), await world.staff(category="licensed")
    answer = await world.register(session, nurse, good, policy="any")
    rejected, confirmed = answer.json()["results"]
    assert (rejected["outcome"], confirmed["outcome"]) == ("rejected", "confirmed")
    assert rejected["problem"]["type"].endswith("/not-in-target-group")
    assert "registration_id" not in rejected


async def test_one_who_may_not_take_part_fails_a_group_all(world: World) -> None:
    session = await world.session()
    good, nurse = await world.staff(), await world.staff(category="licensed")
    answer = await world.register(session, good, nurse, policy="all")
    assert answer.status_code == 201
    assert [each["outcome"] for each in answer.json()["results"]] == ["rejected", "rejected"]
    names = [each["problem"]["type"].rpartition("/")[2] for each in answer.json()["results"]]
    assert names == ["group-not-complete", "not-in-target-group"]
    answer = await world.register(session, good, nurse, policy="all", waitlist=False)
    refused(answer, 409, "not-in-target-group")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/staff/1"]
    assert (await world.seats(session))["confirmed"] == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"policy": "at_least"},
        {"policy": "at_least", "at_least": 2},
        {"policy": "most"},
        {"support_needs": {str(uuid4()): ["language_support"]}},
    ],
)
async def test_a_contradictory_request_is_invalid(world: World, fields: dict[str, Any]) -> None:
    session, person = await world.session(), await world.staff()
    refused(await world.register(session, person, **fields), 422, "validation")


async def test_a_number_out_of_range_is_named(world: World) -> None:
    session, person = await world.session(), await world.staff()
    answer = await world.register(session, person, policy="at_least", at_least=2)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/at_least"]


async def test_the_same_person_twice_in_one_request_is_one_person(world: World) -> None:
    session, person = await world.session(), await world.staff()
    refused(await world.register(session, person, person), 422, "validation")
    refused(await world.register(session), 422, "validation")


# --- scope -----------------------------------------------------------------------------------------------------------


async def test_a_municipality_books_and_sees_its_own_staff_only(world: World) -> None:
    session = await world.session()
    own, foreign = await world.staff(NORA), await world.staff(HALLEFORS)
    nora = world.municipality(NORA)
    assert await world.outcomes(session, own, by=nora) == ["confirmed"]
    await world.outcomes(session, foreign)
    refused(await world.register(session, foreign, by=nora), 404, "not-found")
    listed = answered(await nora.get("/booking/v1/registrations", params={"session": session}))
    assert [each["staff"] for each in listed["items"]] == [own]
    row = await world.registration(session, foreign)
    refused(await nora.get(f"/booking/v1/registrations/{row['id']}"), 404, "not-found")
    answer = await nora.post(f"/booking/v1/registrations/{row['id']}/cancel", json={"reason": "work"})
    refused(answer, 404, "not-found")


async def test_seats_are_counted_over_all_municipalities(world: World) -> None:
    session = await world.session(1)
    await world.outcomes(session, await world.staff(OREBRO))
    assert await world.outcomes(session, await world.staff(NORA), by=world.municipality(NORA)) == ["waitlisted"]
    shown = answered(await world.municipality(NORA).get(f"/booking/v1/sessions/{session}"))
    assert shown["seats"] == {"capacity": 1, "confirmed": 1, "held": 0, "free": 0, "bookable": 0, "waitlisted": 1}


async def test_a_trainer_sees_the_registrations_of_own_sessions_without_reasons(world: World) -> None:
    teacher = await world.trainer()
    own, other = await world.session(trainers=[teacher]), await world.session()
    first, second = await world.several(2)
    await world.outcomes(own, first)
    await world.outcomes(other, second)
    await world.cancel(own, first, "illness")
    trainer = client(world.origin, Role.TRAINER, trainer_id=teacher)
    listed = answered(await trainer.get("/booking/v1/registrations", params={"limit": 500}))
    assert [(each["session"], each["staff"]) for each in listed["items"]] == [(own, first)]
    assert listed["items"][0]["cancelled"]["reason"] is None
    refused(await trainer.post(f"/booking/v1/sessions/{own}/registrations", json={}), 403, "forbidden")


@pytest.mark.parametrize("role", [Role.FUNDER, Role.EVALUATOR, Role.OPERATOR])
async def test_other_roles_see_no_bookings(world: World, role: Role) -> None:
    other = client(world.origin, role)
    refused(await other.get("/booking/v1/registrations"), 403, "forbidden")


async def test_the_list_is_filtered_by_session_staff_municipality_and_status(world: World) -> None:
    session = await world.session(1)
    first, second = await world.staff(NORA), await world.staff(HALLEFORS)
    await world.outcomes(session, first)
    await world.outcomes(session, second)

    async def people(**query: str) -> list[str]:
        return [each["staff"] for each in (await world.get("/booking/v1/registrations", **query))["items"]]

    assert await people(session=session) == [first, second]
    assert await people(session=session, municipality=NORA) == [first]
    assert await people(session=session, status="waitlisted") == [second]
    assert await people(staff=first) == [first]
    page = await world.get("/booking/v1/registrations", session=session, limit=1)
    following = await world.get("/booking/v1/registrations", session=session, limit=1, cursor=page["next"])
    assert ([each["staff"] for each in following["items"]], following["next"]) == ([second], None)


# --- cancelling ------------------------------------------------------------------------------------------------------


async def test_a_cancellation_is_late_after_the_deadline_and_illness_is_neutral(world: World) -> None:
    session = await world.session()
    early, late, ill = await world.several(3)
    await world.outcomes(session, early, late, ill)
    assert await world.cancel(session, early) == {"late": False}
    world.clock.at = START - DAY
    assert await world.cancel(session, late) == {"late": True}
    assert await world.cancel(session, ill, "illness") == {"late": True}
    published = [data for name, data in await world.events(session) if name == "registration-cancelled"]
    assert [(each["was"], each["late"], each["neutral"], each["by"]) for each in published] == [
        ("confirmed", False, False, "coordinator"),
        ("confirmed", True, False, "coordinator"),
        ("confirmed", True, True, "coordinator"),
    ]
    assert "illness" not in json.dumps(published)
    shown = (await world.registration(session, ill))["cancelled"]
    assert (shown["reason"], shown["late"], shown["neutral"]) == ("illness", True, True)


async def test_a_municipality_cancels_its_own(world: World) -> None:
    session, person = await world.session(), await world.staff(NORA)
    await world.outcomes(session, person)
    row = await world.registration(session, person)
    path = f"/booking/v1/registrations/{row['id']}/cancel"
    assert answered(await world.municipality(NORA).post(path, json={"reason": "changed-job"})) == {"late": False}
    assert (await world.events(session))[-1][1]["by"] == "municipality"
    again = await world.municipality(NORA).post(path, json={"reason": "work"})
    refused(again, 409, "registration-ended")


async def test_leaving_the_waiting_list_is_never_late(world: World) -> None:
    session = await world.session(1)
    seated, waiting = await world.several(2)
    await world.outcomes(session, seated)
    await world.outcomes(session, waiting)
    world.clock.at = START - DAY
    assert await world.cancel(session, waiting) == {"late": False}
    name, data = (await world.events(session))[-1]
    assert (name, data["was"], data["late"]) == ("registration-cancelled", "waitlisted", False)
    assert (await world.registration(session, waiting))["cancelled"]["late"] is False


async def test_a_changed_job_is_held_against_nobody(world: World) -> None:
    session, person = await world.session(), await world.staff()
    await world.outcomes(session, person)
    await world.cancel(session, person, "changed-job")
    assert (await world.events(session))[-1][1]["neutral"] is True


async def test_a_cancellation_is_not_dated_before_there_was_anything_to_cancel(world: World) -> None:
    session = await world.session(1)
    seated, waiting = await world.several(2)
    await world.outcomes(session, seated, at=NOW - 5 * DAY)
    await world.outcomes(session, waiting, at=NOW - 4 * DAY)
    await world.cancel(session, seated, at=NOW - 2 * DAY)  # from then on the other one has the seat
    row = await world.registration(session, waiting)
    path = f"/booking/v1/registrations/{row['id']}/cancel"
    for early in (NOW - 6 * DAY, NOW - 3 * DAY):
        headers = {"Kursnav-Occurred-At": early.isoformat()}
        answer = await world.coordinator.post(path, json={"reason": "work"}, headers=headers)
        refused(answer, 409, "before-its-registration")
    assert await world.cancel(session, waiting, at=NOW - DAY) == {"late": False}


async def test_a_cancelled_person_may_be_registered_again(world: World) -> None:
    session, person = await world.session(1), await world.staff()
    await world.outcomes(session, person)
    await world.cancel(session, person)
    assert await world.outcomes(session, person) == ["confirmed"]
    listed = await world.get("/booking/v1/registrations", session=session)
    assert [each["status"] for each in listed["items"]] == ["cancelled", "confirmed"]


async def test_a_session_that_is_over_is_cancelled_only_as_of_before(world: World) -> None:
    session, person = await world.session(), await world.staff()
    await world.outcomes(session, person)
    world.clock.at = START + DAY
    row = await world.registration(session, person)
    late = await world.coordinator.post(f"/booking/v1/registrations/{row['id']}/cancel", json={"reason": "work"})
    refused(late, 409, "session-completed")
    assert await world.cancel(session, person, at=START - 8 * DAY) == {"late": False}


async def test_a_repeated_request_with_the_same_key_registers_once(world: World) -> None:
    session, person = await world.session(), await world.staff()
    path, key = f"/booking/v1/sessions/{session}/registrations", {"Idempotency-Key": str(uuid4())}
    first = await world.coordinator.post(path, json={"staff": [person]}, headers=key)
    second = await world.coordinator.post(path, json={"staff": [person]}, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    other = await world.coordinator.post(path, json={"staff": [person], "policy": "any"}, headers=key)
    refused(other, 422, "idempotency-key-reused")
    assert (await world.seats(session))["confirmed"] == 1
