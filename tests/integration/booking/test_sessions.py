"""Sessions over HTTP, on a real database."""

from uuid import uuid4

import pytest

from services.booking.sessions.bodies import SessionPatch
from shared.security.roles import ANY, Role
from tests.support.booking_world import (
    DAY,
    HOUR,
    NORA,
    NOW,
    OREBRO,
    World,
    answered,
    booking_world,
    client,
    occasion,
    problem,
    session_body,
)
from tests.support.stack import Stack

START = NOW + 30 * DAY


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def trainer(world: World, *qualifications: str) -> str:
    body = {
        "name": "Ulla",
        "email": "ulla@example.se",
        "home_municipality": OREBRO,
        "qualifications": [{"code": code, "obtained_on": "2025-02-01"} for code in qualifications],
    }
    return str((await world.post("/booking/v1/trainers", body))["id"])


async def test_a_scheduled_session_is_answered_as_get_shows_it(world: World) -> None:
    teacher = await trainer(world)
    fields = {"trainers": [teacher], "support": ["sign_interpreter"], "min_participants": 4, "seat_shares": {NORA: 2}}
    answer = await world.coordinator.post("/booking/v1/sessions", json=session_body(10, START, **fields))
    assert answer.status_code == 201
    shown = answer.json()
    got = await world.coordinator.get(f"/booking/v1/sessions/{shown['id']}")
    assert got.json() == shown
    assert got.headers["ETag"] == answer.headers["ETag"] == '"1"'
    assert shown["state"] == "scheduled"
    assert shown["occasions"][0]["starts_at"] == "2026-04-01T11:00:00+02:00"
    assert shown["seats"] == {"capacity": 10, "confirmed": 0, "held": 0, "free": 10, "waitlisted": 0}
    assert (shown["trainers"], shown["support"], shown["seat_shares"]) == ([teacher], ["sign_interpreter"], {NORA: 2})


async def test_scheduling_publishes_the_full_state_and_each_trainer(world: World) -> None:
    teacher = await trainer(world)
    session = await world.session(trainers=[teacher])
    [(first, state), (second, assigned)] = await world.events(session)
    assert (first, second) == ("session-scheduled", "trainer-assigned")
    assert (state["session_id"], state["course"], state["course_title"]) == (session, "TR1", "Kurs TR1")
    assert (state["duration_minutes"], state["capacity"], state["state"]) == (420, 10, "scheduled")
    assert (state["trainers"], assigned) == ([teacher], {"trainer_id": teacher})
    assert len(state["occasions"]) == 1


@pytest.mark.parametrize("role", [role for role in ANY if role is not Role.COORDINATOR])
async def test_everybody_reads_sessions_and_only_the_coordinator_plans(world: World, role: Role) -> None:
    session = await world.session()
    other = client(world.origin, role, municipality=NORA, trainer_id=uuid4())
    assert (await other.get(f"/booking/v1/sessions/{session}")).status_code == 200
    assert (await other.get("/booking/v1/sessions")).status_code == 200
    for path in ("", f"/{session}/cancel", f"/{session}/reschedule"):
        answer = await other.post(f"/booking/v1/sessions{path}", json=session_body(1, START, cause="venue"))
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"course": "NONE"}, "/course"),
        ({"host_municipality": "0180"}, "/host_municipality"),
        ({"seat_shares": {"0180": 1}}, "/seat_shares/0180"),
        ({"seat_shares": {NORA: 11}}, "/seat_shares"),
        ({"trainers": [str(uuid4())]}, "/trainers/0"),
        ({"min_participants": 11}, "/min_participants"),
        ({"occasions": [occasion(START, hours=-1)]}, "/occasions/0/ends_at"),
        ({"occasions": [occasion(START), occasion(START + HOUR)]}, "/occasions/1"),
        ({"cancellation_deadline": (START + HOUR).isoformat()}, "/cancellation_deadline"),
        ({"support": ["coffee"]}, "/support/0"),
        ({"occasions": []}, "/occasions"),
        ({"capacity": 0}, "/capacity"),
    ],
)
async def test_what_cannot_be_scheduled_is_refused_with_the_field(
    world: World, fields: dict[str, object], pointer: str
) -> None:
    answer = await world.coordinator.post("/booking/v1/sessions", json={**session_body(10, START), **fields})
    assert problem(answer) == (422, "validation")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_course_that_needs_a_qualification_takes_only_trainers_who_have_it(world: World) -> None:
    await world.course("SIM", ["base"], needs_qualification="KlinSim1")
    unqualified, qualified = await trainer(world), await trainer(world, "KlinSim1")
    body = session_body(10, START, course="SIM", trainers=[qualified, unqualified])
    answer = await world.coordinator.post("/booking/v1/sessions", json=body)
    assert problem(answer) == (409, "trainer-not-qualified")
    assert answer.json()["errors"][0]["pointer"] == "/trainers/1"
    await world.session(course="SIM", trainers=[qualified])


async def test_an_edit_needs_the_revision_that_was_seen(world: World) -> None:
    session = await world.session()
    path = f"/booking/v1/sessions/{session}"
    assert problem(await world.coordinator.patch(path, json={"venue": "A"})) == (428, "if-match-required")
    first = await world.patch(session, venue="A")
    assert (first.status_code, first.headers["ETag"], first.json()["venue"]) == (200, '"2"', "A")
    stale = await world.coordinator.patch(path, json={"venue": "B"}, headers={"If-Match": '"1"'})
    assert problem(stale) == (412, "stale-if-match")
    assert (await world.get(path))["venue"] == "A"


async def test_a_registration_does_not_spoil_an_editors_revision(world: World) -> None:
    session = await world.session()
    seen = await world.coordinator.get(f"/booking/v1/sessions/{session}")
    await world.outcomes(session, await world.staff())
    edit = await world.coordinator.patch(
        f"/booking/v1/sessions/{session}", json={"venue": "A"}, headers={"If-Match": seen.headers["ETag"]}
    )
    assert edit.status_code == 200


async def test_an_answer_can_be_edited_and_sent_back(world: World) -> None:
    session = await world.session()
    shown = await world.get(f"/booking/v1/sessions/{session}")
    sent = {name: value for name, value in shown.items() if name in SessionPatch.model_fields}
    answer = await world.patch(session, **{**sent, "venue": "Biblioteket"})
    assert answer.status_code == 200
    assert answer.json()["occasions"] == shown["occasions"]
    assert await world.event_names(session) == ["session-scheduled", "session-rescheduled"]


async def test_what_no_edit_can_change_is_named(world: World) -> None:
    answer = await world.patch(await world.session(), state="cancelled", seats={"capacity": 3})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/state", "/seats"]


async def test_changes_publish_what_changed(world: World) -> None:
    old, new, further = await trainer(world), await trainer(world), await trainer(world)
    session = await world.session(trainers=[old])
    answered(await world.patch(session, capacity=12))
    answered(await world.patch(session, trainers=[new, further]))
    answered(await world.patch(session, min_participants=2))
    events = (await world.events(session))[2:]
    assert [name for name, _ in events] == [
        "session-capacity-changed",
        "session-rescheduled",
        "trainer-replaced",
        "trainer-assigned",
    ]
    assert events[0][1]["capacity"] == 12
    assert events[1][1]["trainers"] == [new, further]
    assert (events[2][1], events[3][1]) == ({"from": old, "to": new}, {"trainer_id": further})


async def test_the_course_of_a_session_is_not_changed(world: World) -> None:
    session = await world.session()
    assert problem(await world.patch(session, course="PALS")) == (422, "validation")


async def test_the_capacity_never_falls_below_what_is_taken(world: World) -> None:
    session = await world.session(3)
    await world.outcomes(session, *await world.several(2))
    assert problem(await world.patch(session, capacity=1)) == (409, "capacity-below-taken")
    assert answered(await world.patch(session, capacity=2))["seats"]["free"] == 0


async def test_shares_never_promise_seats_that_others_have(world: World) -> None:
    session = await world.session(3, seat_shares={NORA: 1})
    await world.outcomes(session, *await world.several(2))
    assert problem(await world.patch(session, seat_shares={NORA: 2})) == (409, "shares-exceed-free-seats")
    assert problem(await world.patch(session, capacity=2)) == (409, "shares-exceed-free-seats")
    answered(await world.patch(session, capacity=2, seat_shares={}))


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
    assert problem(answer) == (422, "validation")


async def test_rescheduling_puts_nobody_in_two_places_at_once(world: World) -> None:
    session, other = await world.session(), await world.session(starts=START + DAY)
    person = await world.staff()
    await world.outcomes(session, person)
    await world.outcomes(other, person)
    answer = await world.coordinator.post(
        f"/booking/v1/sessions/{session}/reschedule", json={"occasions": [occasion(START + DAY)]}
    )
    assert problem(answer) == (409, "overlapping-registration")


async def test_a_cancelled_session_ends_all_its_registrations_with_its_cause(world: World) -> None:
    session = await world.session(1)
    seated, waiting = await world.several(2)
    await world.outcomes(session, seated)
    await world.outcomes(session, waiting)
    answer = await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "trainer-absent", "note": "Sjuk"})
    assert answer["state"] == "cancelled"
    assert answer["cancellation"]["cause"] == "trainer-absent"
    assert answer["seats"]["confirmed"] == answer["seats"]["waitlisted"] == 0
    assert await world.statuses(session, seated, waiting) == ["cancelled", "cancelled"]
    [first, *rest] = (await world.events(session))[3:]
    assert (first[0], first[1]["cause"], first[1]["state"]) == ("session-cancelled", "trainer-absent", "cancelled")
    assert [(name, data["was"], data["by"]) for name, data in rest] == [
        ("registration-cancelled", "confirmed", "system"),
        ("registration-cancelled", "waitlisted", "system"),
    ]


async def test_a_release_that_is_due_happens_before_the_cancellation(world: World) -> None:
    session = await world.session(3, seat_shares={NORA: 2}, shares_release_at=(NOW + DAY).isoformat())
    world.clock.advance(2 * DAY)
    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"})
    assert await world.event_names(session) == ["session-scheduled", "share-released", "session-cancelled"]


async def test_a_cancelled_session_takes_no_further_act(world: World) -> None:
    session = await world.session()
    person = await world.staff()
    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "other"})
    again = await world.coordinator.post(f"/booking/v1/sessions/{session}/cancel", json={"cause": "other"})
    assert problem(again) == (409, "session-cancelled")
    assert problem(await world.register(session, person)) == (409, "session-cancelled")
    assert problem(await world.patch(session, venue="A")) == (409, "session-cancelled")


async def test_completed_is_derived_and_does_not_refuse_what_happened_before(world: World) -> None:
    session = await world.session()
    person = await world.staff()
    await world.outcomes(session, person)
    world.clock.advance(40 * DAY)
    assert (await world.get(f"/booking/v1/sessions/{session}"))["state"] == "completed"
    late = await world.coordinator.post(f"/booking/v1/sessions/{session}/cancel", json={"cause": "venue"})
    assert problem(late) == (409, "session-completed")
    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"}, at=START - DAY)
    assert (await world.get(f"/booking/v1/sessions/{session}"))["state"] == "cancelled"


async def test_an_act_that_is_entered_afterwards_is_dated_by_when_it_happened(world: World) -> None:
    happened = NOW - 300 * DAY
    session = await world.session(starts=NOW - 250 * DAY, at=happened)
    rows = await world.origin.rows("booking", "SELECT headers, recorded_at FROM outbox WHERE key = $1", session)
    assert happened.isoformat()[:19] in rows[0]["headers"]
    assert rows[0]["recorded_at"] == NOW


async def test_lists_are_filtered_and_paged_in_order_of_start(stack: Stack) -> None:
    async with booking_world(stack) as world:
        await lists_are_filtered_and_paged(world)


async def lists_are_filtered_and_paged(world: World) -> None:
    third = await world.session(starts=START + 2 * DAY, course="PALS", host_municipality=NORA)
    first = await world.session(1, starts=START)
    second = await world.session(starts=START + DAY)
    await world.outcomes(first, await world.staff())
    cancelled = await world.session(starts=START + 3 * DAY)
    await world.post(f"/booking/v1/sessions/{cancelled}/cancel", {"cause": "too-few"})

    async def ids(**query: object) -> list[str]:
        return [each["id"] for each in (await world.get("/booking/v1/sessions", **query))["items"]]

    assert await ids() == [first, second, third, cancelled]
    assert await ids(course="PALS") == [third]
    assert await ids(municipality=NORA) == [third]
    assert await ids(state="cancelled") == [cancelled]
    assert await ids(state="scheduled", has_free_seats="true") == [second, third]
    assert await ids(has_free_seats="false") == [first, cancelled]
    day = (START + DAY).date().isoformat()
    assert await ids(**{"from": day, "to": day}) == [second]
    page = await world.get("/booking/v1/sessions", limit=2)
    assert [each["id"] for each in page["items"]] == [first, second]
    following = await world.get("/booking/v1/sessions", limit=2, cursor=page["next"])
    assert ([each["id"] for each in following["items"]], following["next"]) == ([third, cancelled], None)
    world.clock.advance(31 * DAY + HOUR)
    assert await ids(state="completed") == [first]


async def test_an_unknown_session_is_not_found(world: World) -> None:
    answer = await world.coordinator.get(f"/booking/v1/sessions/{uuid4()}")
    assert problem(answer) == (404, "not-found")
