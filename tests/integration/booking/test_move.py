"""Moves over HTTP: one seat for another in one act, never a queue, late only when the seat that is left stays empty."""

from uuid import uuid4

import pytest

from tests.support.answers import refused
from tests.support.booking_world import DAY, HALLEFORS, HOUR, NORA, NOW, World, seats

START = NOW + 30 * DAY
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def two(world: World, *capacities: int) -> tuple[str, str]:
    """Two sessions of one course, a week apart."""
    first, second = capacities or (10, 10)
    return await world.session(first), await world.session(second, starts=START + 7 * DAY)


async def test_a_person_moves_and_both_halves_are_published_under_their_keys(world: World) -> None:
    left, target = await two(world)
    person = await world.staff()
    await world.outcomes(left, person)
    new = await world.moved(left, person, target)
    assert (new["session"], new["staff"], new["status"], new["via"]) == (target, person, "confirmed", "move")
    old = await world.registration(left, person)
    assert (old["status"], old["moved_to"]) == ("cancelled", new["id"])
    assert (old["cancelled"]["was"], old["cancelled"]["late"], old["cancelled"]["by"]) == (
        "confirmed",
        False,
        "coordinator",
    )
    name, data = (await world.events(left))[-1]
    assert (name, data["to_session"], data["late"], data["registration_id"]) == (
        "registration-moved-out",
        target,
        False,
        old["id"],
    )
    name, data = (await world.events(target))[-1]
    assert (name, data["via"], data["from_session"], data["registration_id"]) == (
        "registration-confirmed",
        "move",
        left,
        new["id"],
    )
    assert (await world.seats(left), await world.seats(target)) == (
        seats(10, free=10, bookable=10),
        seats(10, confirmed=1, free=9, bookable=9),
    )


async def test_the_answer_is_what_get_shows_and_the_same_key_gives_it_again(world: World) -> None:
    left, target = await two(world)
    person = await world.staff()
    await world.outcomes(left, person)
    registration = (await world.registration(left, person))["id"]
    path, key = f"/booking/v1/registrations/{registration}/move", {"Idempotency-Key": registration}
    answers = [await world.coordinator.post(path, json={"session": target}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    shown = await world.coordinator.get(f"/booking/v1/registrations/{answers[0].json()['id']}")
    assert (shown.json(), shown.headers["ETag"]) == (answers[0].json(), answers[0].headers["ETag"])


async def test_a_full_session_takes_nobody_into_its_queue_and_the_seat_is_kept(world: World) -> None:
    left, target = await two(world, 1, 1)
    mover, there = await world.several(2)
    await world.outcomes(left, mover)
    await world.outcomes(target, there)
    answer = await world.move(left, mover, target)
    refused(answer, 409, "session-full")
    assert await world.statuses(left, mover) == ["confirmed"]
    assert (await world.seats(target))["waitlisted"] == 0
    assert "registration-moved-out" not in await world.event_names(left)


async def test_a_move_takes_no_seat_from_those_who_wait_for_it(world: World) -> None:
    left, target = await two(world, 2, 3)
    mover, seated, group = await world.staff(), await world.several(2), await world.several(2)
    await world.outcomes(left, mover)
    await world.outcomes(target, *seated)
    await world.outcomes(target, *group, policy="all")
    refused(await world.move(left, mover, target), 409, "session-full")


async def test_a_seat_of_another_municipalitys_share_is_not_free(world: World) -> None:
    left = await world.session()
    target = await world.session(1, starts=START + 7 * DAY, seat_shares={NORA: 1})
    stranger, own = await world.staff(HALLEFORS), await world.staff(NORA)
    await world.outcomes(left, stranger, own)
    refused(await world.move(left, stranger, target), 409, "session-full")
    assert (await world.moved(left, own, target))["status"] == "confirmed"


async def test_the_seat_that_is_left_goes_to_those_who_wait(world: World) -> None:
    left, target = await two(world, 1, 1)
    mover, waiting = await world.several(2)
    await world.outcomes(left, mover)
    await world.outcomes(left, waiting)
    await world.moved(left, mover, target)
    assert await world.statuses(left, mover, waiting) == ["cancelled", "confirmed"]
    assert (await world.event_names(left))[-2:] == ["registration-moved-out", "registration-confirmed"]


async def test_the_session_that_is_left_is_no_overlap_and_others_are(world: World) -> None:
    left, at_the_same_time = await world.session(), await world.session(starts=START + HOUR)
    person = await world.staff()
    await world.outcomes(left, person)
    await world.moved(left, person, at_the_same_time)
    elsewhere, target = await world.session(starts=START + 9 * DAY), await world.session(starts=START + 9 * DAY + HOUR)
    await world.outcomes(elsewhere, person)
    answer = await world.move(at_the_same_time, person, target)
    refused(answer, 409, "overlapping-registration")


async def test_who_may_not_take_part_there_does_not_move(world: World) -> None:
    left = await world.session()
    person = await world.staff()
    await world.outcomes(left, person)
    licensed = await world.session(course="PALS", starts=START + 7 * DAY)
    refused(await world.move(left, person, licensed), 409, "not-in-target-group")
    refused(await world.move(left, person, left), 409, "already-registered")
    # The course that is left would have been the prerequisite.
    next_course = await world.session(course="TR2", starts=START + 7 * DAY)
    refused(await world.move(left, person, next_course), 409, "prerequisite-missing")
    closed = await world.session(starts=START + 7 * DAY, registration_opens_at=(NOW + DAY).isoformat())
    refused(await world.move(left, person, closed), 409, "registration-not-open")
    assert (await world.move(left, person, str(uuid4()))).status_code == 404
    assert await world.statuses(left, person) == ["confirmed"]


async def test_an_exception_holds_on_other_sessions_of_the_course_only(world: World) -> None:
    left = await world.session(course="PALS")
    person = await world.staff()
    await world.outcomes(left, person, override={"reason": "leder utbildningen"})
    same = await world.session(course="PALS", starts=START + 7 * DAY)
    assert (await world.moved(left, person, same))["override_reason"] == "leder utbildningen"
    other = await world.session(course="TR2", starts=START + 9 * DAY)
    refused(await world.move(same, person, other), 409, "prerequisite-missing")


async def test_after_the_deadline_a_seat_that_stays_empty_is_late(world: World) -> None:
    left, target = await world.session(starts=NOW + 3 * DAY), await world.session()
    person = await world.staff()
    await world.outcomes(left, person)
    await world.moved(left, person, target)
    assert (await world.registration(left, person))["cancelled"]["late"] is True
    assert (await world.events(left))[-1][1]["late"] is True


async def test_after_the_deadline_a_seat_that_is_filled_at_once_is_not_late(world: World) -> None:
    left, target = await world.session(1, starts=NOW + 3 * DAY), await world.session()
    person, waiting = await world.several(2)
    await world.outcomes(left, person)
    await world.outcomes(left, waiting)
    await world.moved(left, person, target)
    assert (await world.registration(left, person))["cancelled"]["late"] is False
    (name, data), (_, promoted) = (await world.events(left))[-2:]
    assert (name, data["late"], promoted["via"]) == ("registration-moved-out", False, "promotion")


async def test_a_seat_that_nobody_who_waits_can_use_is_late(world: World) -> None:
    left, target = await world.session(1, starts=NOW + 11 * HOUR), await world.session()
    person, waiting = await world.several(2)
    await world.outcomes(left, person)
    await world.outcomes(left, waiting)
    await world.moved(left, person, target)
    assert await world.statuses(left, waiting) == ["waitlisted"]
    assert (await world.registration(left, person))["cancelled"]["late"] is True


async def test_who_waits_moves_to_a_seat_and_leaves_the_queue_never_late(world: World) -> None:
    left, target = await world.session(1, starts=NOW + 3 * DAY), await world.session()
    seated, waiting, behind = await world.several(3)
    for person in (seated, waiting, behind):
        await world.outcomes(left, person)
    assert (await world.moved(left, waiting, target))["status"] == "confirmed"
    old = await world.registration(left, waiting)
    assert (old["cancelled"]["was"], old["cancelled"]["late"]) == ("waitlisted", False)
    assert [entry["staff"] for entry in (await world.queue(left))["entries"]] == [behind]


async def test_a_municipality_moves_its_own_and_sees_no_others(world: World) -> None:
    left, target = await two(world)
    person = await world.staff(NORA)
    await world.outcomes(left, person)
    assert (await world.move(left, person, target, by=world.municipality(HALLEFORS))).status_code == 404
    await world.moved(left, person, target, by=world.municipality(NORA))
    assert (await world.registration(left, person))["cancelled"]["by"] == "municipality"


async def test_neither_session_may_be_over_and_the_other_not_begun(world: World) -> None:
    left, target = await two(world)
    first, second = await world.several(2)
    await world.outcomes(left, first, second)
    await world.moved(left, first, target)
    refused(await world.move(left, first, target), 409, "registration-ended")
    world.clock.at = START + 7 * DAY
    refused(await world.move(left, second, target), 409, "session-completed")
    later = await world.session(starts=START + 20 * DAY)
    assert (await world.moved(target, first, later))["status"] == "confirmed"
    world.clock.at = START + 8 * DAY
    back = await world.session(starts=START + 30 * DAY)
    await world.post(f"/booking/v1/sessions/{back}/cancel", {"cause": "venue"})
    refused(await world.move(later, first, back), 409, "session-cancelled")
    begun = await world.session(starts=START + 8 * DAY - HOUR, at=START)
    refused(await world.move(later, first, begun), 409, "session-started")


async def test_a_move_of_the_past_is_dated_in_both_halves_and_late_by_its_time(world: World) -> None:
    past = NOW - 20 * DAY
    left = await world.session(starts=past, at=past - 40 * DAY)
    target = await world.session(starts=past + 7 * DAY, at=past - 40 * DAY)
    first, second = await world.several(2)
    await world.outcomes(left, first, second, at=past - 30 * DAY)
    refused(await world.move(left, first, target, at=past - 31 * DAY), 409, "before-its-registration")
    await world.moved(left, first, target, at=past - 10 * DAY)
    await world.moved(left, second, target, at=past - DAY)
    late = [(await world.registration(left, person))["cancelled"]["late"] for person in (first, second)]
    assert late == [False, True]
    for key in (left, target):
        [row] = await world.origin.rows(
            "booking",
            "SELECT headers ->> 'ce_time' AS at FROM outbox WHERE key = $1 ORDER BY sequence DESC LIMIT 1",
            key,
        )
        assert row["at"].startswith((past - DAY).strftime("%Y-%m-%dT%H:%M"))


async def test_support_needs_move_along(world: World) -> None:
    left, target = await two(world)
    person = await world.staff()
    await world.register(left, person, support_needs={person: ["sign_interpreter"]})
    old = (await world.registration(left, person))["id"]
    new = await world.moved(left, person, target)
    assert new["support_needs"] == ["sign_interpreter"]
    assert (await world.registration(left, person))["support_needs"] == []
    assert await world.support_needs(old) == ["noted", "erased"]
    assert await world.support_needs(new["id"]) == ["noted"]


async def test_both_registrations_are_in_the_audit(world: World) -> None:
    left, target = await two(world)
    person = await world.staff()
    await world.outcomes(left, person)
    old = (await world.registration(left, person))["id"]
    new = (await world.moved(left, person, target))["id"]
    newest = (await world.audit_of(old))[0]
    assert (newest["action"], newest["before"]) == ("registration-moved", {"status": "confirmed"})
    assert newest["after"] == {"status": "cancelled", "late": False, "moved_to": new}
    assert [(each["action"], each["after"]) for each in await world.audit_of(new)] == [
        ("registration-confirmed", {"moved_from": old})
    ]
