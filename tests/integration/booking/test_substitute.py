"""Substitution over HTTP: one act keeps the seat, the share or the place in the queue, and is late for nobody."""

from uuid import UUID

import pytest

from shared.security.roles import Role
from tests.support.answers import refused
from tests.support.booking_world import DAY, HALLEFORS, HOUR, NORA, NOW, OREBRO, World, client, seats

START = NOW + 30 * DAY
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_another_person_takes_over_the_seat_and_both_facts_are_published(world: World) -> None:
    session, (first, second) = await world.session(1), await world.several(2)
    await world.outcomes(session, first)
    old = await world.registration(session, first)
    new = await world.substituted(session, first, second)
    assert (new["session"], new["staff"], new["status"], new["via"]) == (session, second, "confirmed", "substitution")
    replaced = await world.registration(session, first)
    assert (replaced["status"], replaced["substituted_by"], replaced["cancelled"]) == ("substituted", new["id"], None)
    (left, left_data), (taken, taken_data) = (await world.events(session))[-2:]
    assert (left, left_data["registration_id"], left_data["by_registration"]) == (
        "registration-substituted",
        old["id"],
        new["id"],
    )
    assert (taken, taken_data["via"], taken_data["replaces"]) == ("registration-confirmed", "substitution", old["id"])
    assert taken_data["registration_id"] == new["id"]
    assert await world.seats(session) == seats(1, confirmed=1)


async def test_the_answer_is_what_get_shows_and_the_same_key_gives_it_again(world: World) -> None:
    session, (first, second) = await world.session(), await world.several(2)
    await world.outcomes(session, first)
    registration = (await world.registration(session, first))["id"]
    path, key = f"/booking/v1/registrations/{registration}/substitute", {"Idempotency-Key": registration}
    answers = [await world.coordinator.post(path, json={"staff": second}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    shown = await world.coordinator.get(f"/booking/v1/registrations/{answers[0].json()['id']}")
    assert (shown.json(), shown.headers["ETag"]) == (answers[0].json(), answers[0].headers["ETag"])


async def test_a_full_session_keeps_its_seat_for_the_substitute_before_those_who_wait(world: World) -> None:
    session, (first, waiting, second) = await world.session(1), await world.several(3)
    await world.outcomes(session, first)
    await world.outcomes(session, waiting)
    await world.substituted(session, first, second)
    assert await world.statuses(session, first, waiting, second) == ["substituted", "waitlisted", "confirmed"]


async def test_the_seat_stays_in_the_share_of_the_municipality(world: World) -> None:
    session = await world.session(3, seat_shares={NORA: 1})
    first, second = await world.several(2, NORA)
    await world.outcomes(session, first)
    await world.substituted(session, first, second)
    assert await world.outcomes(session, *await world.several(2)) == ["confirmed"] * 2
    assert await world.seats(session) == seats(3, confirmed=3)


async def test_after_the_deadline_a_substitution_is_not_late(world: World) -> None:
    session = await world.session(starts=NOW + DAY)
    first, second = await world.several(2)
    await world.outcomes(session, first)
    await world.substituted(session, first, second)
    names = await world.event_names(session)
    assert names[-2:] == ["registration-substituted", "registration-confirmed"]
    assert (await world.registration(session, first))["cancelled"] is None


async def test_a_waiting_person_is_replaced_in_the_same_place_of_the_queue(world: World) -> None:
    session, people = await world.session(1), await world.several(4)
    for person in people[:3]:
        await world.outcomes(session, person)
    entry = (await world.queue(session))["entries"][0]["entry"]
    new = await world.substituted(session, people[1], people[3])
    assert (new["status"], new["position"], new["via"]) == ("waitlisted", 1, None)
    [first, last] = (await world.queue(session))["entries"]
    assert (first["entry"], first["staff"], last["staff"]) == (entry, people[3], people[2])
    (_, left), (name, data) = (await world.events(session))[-2:]
    assert (name, data["position"], left["by_registration"]) == ("registration-waitlisted", 1, new["id"])
    await world.cancel(session, people[0])
    assert await world.statuses(session, people[3], people[2]) == ["confirmed", "waitlisted"]


async def test_inside_a_waiting_group_the_substitute_takes_the_members_place(world: World) -> None:
    session, seated, group = await world.session(2), await world.several(2), await world.several(2)
    await world.outcomes(session, *seated)
    await world.outcomes(session, *group, policy="all")
    newcomer = await world.staff()
    await world.substituted(session, group[0], newcomer)
    [entry] = (await world.queue(session))["entries"]
    assert entry["group"]["staff"] == [newcomer, group[1]]
    await world.cancel(session, seated[0])
    assert await world.statuses(session, newcomer, group[1]) == ["waitlisted"] * 2
    await world.cancel(session, seated[1])
    assert await world.statuses(session, newcomer, group[1]) == ["confirmed"] * 2


async def test_a_substitute_without_the_obstacle_of_the_one_replaced_gets_the_free_seat_at_once(world: World) -> None:
    session, (seated, blocked, newcomer) = await world.session(1), await world.several(3)
    await world.outcomes(session, seated)
    await world.outcomes(session, blocked)
    await world.origin.rows(
        "booking",
        "UPDATE employment_periods SET category = 'licensed' "
        "WHERE employment_id = (SELECT employment_id FROM staff WHERE id = $1)",
        UUID(blocked),
    )
    await world.cancel(session, seated)
    assert await world.statuses(session, blocked) == ["waitlisted"]
    assert (await world.substituted(session, blocked, newcomer))["status"] == "confirmed"


async def test_who_may_not_take_part_is_no_substitute(world: World) -> None:
    session, first = await world.session(), await world.staff()
    await world.outcomes(session, first)
    licensed = await world.staff(category="licensed", title="nurse")
    refused(await world.substitute(session, first, licensed), 409, "not-in-target-group")
    ended = await world.staff(valid_to="2026-03-10")
    refused(await world.substitute(session, first, ended), 409, "not-employed-then")
    there = await world.staff()
    await world.outcomes(session, there)
    refused(await world.substitute(session, first, there), 409, "already-registered")
    elsewhere = await world.staff()
    await world.outcomes(await world.session(starts=START + HOUR), elsewhere)
    refused(await world.substitute(session, first, elsewhere), 409, "overlapping-registration")
    assert await world.statuses(session, first) == ["confirmed"]


async def test_prerequisites_are_asked_of_the_substitute(world: World) -> None:
    session = await world.session(course="TR2")
    first, second = await world.several(2)
    before = await world.session(starts=NOW + 10 * DAY)
    await world.outcomes(before, first)
    await world.outcomes(session, first)
    refused(await world.substitute(session, first, second), 409, "prerequisite-missing")
    await world.outcomes(before, second)
    assert (await world.substituted(session, first, second))["status"] == "confirmed"


async def test_a_substitute_is_of_the_same_municipality(world: World) -> None:
    session, first, other = await world.session(), await world.staff(NORA), await world.staff(OREBRO)
    await world.outcomes(session, first)
    answer = await world.substitute(session, first, other)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/staff", "other-municipality")
    answer = await world.substitute(session, first, other, by=world.municipality(NORA))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/staff")


async def test_a_municipality_substitutes_its_own_and_sees_no_others(world: World) -> None:
    session, (first, second) = await world.session(), await world.several(2, NORA)
    await world.outcomes(session, first)
    answer = await world.substitute(session, first, second, by=world.municipality(HALLEFORS))
    assert answer.status_code == 404
    new = await world.substituted(session, first, second, by=world.municipality(NORA))
    assert new["status"] == "confirmed"
    for role in (Role.TRAINER, Role.FUNDER, Role.EVALUATOR):
        other = client(world.origin, role)
        assert (await world.substitute(session, second, first, by=other)).status_code == 403


async def test_what_has_ended_or_begun_takes_no_substitute(world: World) -> None:
    session, (first, second, third) = await world.session(), await world.several(3)
    await world.outcomes(session, first)
    await world.substituted(session, first, second)
    refused(await world.substitute(session, first, third), 409, "registration-ended")
    world.clock.at = START
    refused(await world.substitute(session, second, third), 409, "session-started")
    world.clock.at = START + DAY
    refused(await world.substitute(session, second, third), 409, "session-completed")


async def test_a_substitution_of_the_past_is_dated_and_never_before_the_registration(world: World) -> None:
    past = NOW - 20 * DAY
    session = await world.session(starts=past, at=past - 30 * DAY)
    first, second = await world.several(2)
    await world.outcomes(session, first, at=past - 10 * DAY)
    refused(await world.substitute(session, first, second, at=past - 11 * DAY), 409, "before-its-registration")
    new = await world.substituted(session, first, second, at=past - HOUR)
    assert new["registered_at"] == new["confirmed_at"]
    times = await world.origin.rows(
        "booking",
        "SELECT headers ->> 'ce_time' AS at FROM outbox WHERE key = $1 ORDER BY sequence DESC LIMIT 2",
        session,
    )
    assert len({row["at"] for row in times}) == 1
    assert times[0]["at"].startswith((past - HOUR).strftime("%Y-%m-%dT%H:%M"))


async def test_support_needs_stay_with_the_person(world: World) -> None:
    session, (first, second) = await world.session(), await world.several(2)
    await world.register(session, first, support_needs={first: ["language_support"]})
    old = (await world.registration(session, first))["id"]
    new = await world.substituted(session, first, second)
    assert new["support_needs"] == []
    assert (await world.registration(session, first))["support_needs"] == []
    assert await world.support_needs(old) == ["noted", "erased"]
    assert await world.support_needs(new["id"]) == []


async def test_both_registrations_are_in_the_audit(world: World) -> None:
    session, (first, second) = await world.session(), await world.several(2)
    await world.outcomes(session, first)
    old = (await world.registration(session, first))["id"]
    new = (await world.substituted(session, first, second))["id"]
    newest = (await world.audit_of(old))[0]
    assert (newest["action"], newest["before"]) == ("registration-substituted", {"status": "confirmed"})
    assert newest["after"] == {"status": "substituted", "by_registration": new}
    assert [(each["action"], each["after"]) for each in await world.audit_of(new)] == [
        ("registration-confirmed", {"replaces": old})
    ]
