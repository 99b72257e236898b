"""Sessions over HTTP, on a real database."""

from datetime import date
from uuid import uuid4

import httpx2
import pytest

from services.booking.sessions.bodies import SessionPatch
from shared.clock import local_day
from shared.security.roles import ANY, Role
from tests.support.answers import answered, refused
from tests.support.booking_world import (
    DAY,
    HALLEFORS,
    HOUR,
    NORA,
    NOW,
    World,
    booking_world,
    client,
    evening_before,
    occasion,
    session_body,
)
from tests.support.stack import Stack

START = NOW + 30 * DAY


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_scheduled_session_is_answered_as_get_shows_it(world: World) -> None:
    teacher = await world.trainer()
    fields = {"trainers": [teacher], "support": ["sign_interpreter"], "min_participants": 4, "seat_shares": {NORA: 2}}
    answer = await world.coordinator.post("/booking/v1/sessions", json=session_body(10, START, **fields))
    assert answer.status_code == 201
    shown = answer.json()
    got = await world.coordinator.get(f"/booking/v1/sessions/{shown['id']}")
    assert got.json() == shown
    assert got.headers["ETag"] == answer.headers["ETag"] == '"1"'
    assert shown["state"] == "scheduled"
    assert shown["occasions"][0]["starts_at"] == "2026-04-01T11:00:00+02:00"
    assert shown["seats"] == {"capacity": 10, "confirmed": 0, "held": 0, "free": 10, "bookable": 10, "waitlisted": 0}
    assert (shown["trainers"], shown["support"], shown["seat_shares"]) == ([teacher], ["sign_interpreter"], {NORA: 2})


async def test_scheduling_publishes_the_full_state_and_each_trainer(world: World) -> None:
    teacher = await world.trainer()
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
    refused(answer, 422, "validation")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_course_that_needs_a_qualification_takes_only_trainers_who_have_it(world: World) -> None:
    await world.course("SIM", ["base"], needs_qualification="KlinSim1")
    unqualified, qualified = await world.trainer(), await world.trainer("KlinSim1")
    body = session_body(10, START, course="SIM", trainers=[qualified, unqualified])
    answer = await world.coordinator.post("/booking/v1/sessions", json=body)
    refused(answer, 409, "trainer-not-qualified")
    assert answer.json()["errors"][0]["pointer"] == "/trainers/1"
    await world.session(course="SIM", trainers=[qualified])


async def test_a_trainer_teaches_only_while_active(world: World) -> None:
    days = [local_day(START + n * DAY).isoformat() for n in range(3)]
    teacher = await world.trainer(active_from=days[1], active_to=days[2], name="Tage Tillfällig")
    for starts in (START, START + 2 * DAY, START + DAY + 10 * HOUR):  # before, as of the day of leaving, past midnight
        answer = await world.coordinator.post("/booking/v1/sessions", json=session_body(5, starts, trainers=[teacher]))
        error = refused(answer, 422, "validation")["errors"][0]
        assert (error["pointer"], error["code"]) == ("/trainers/0", "trainer-not-active")
        assert "Tage Tillfällig" in error["message"], "a person is called by the name"
    session = await world.session(starts=START + DAY, trainers=[teacher])
    later = session_body(5, START + 2 * DAY)["occasions"]
    moved = refused(await world.patch(session, occasions=later), 422, "validation")
    assert [(each["pointer"], each["code"]) for each in moved["errors"]] == [("/occasions", "trainer-not-active")]
    free = await world.session(starts=START + 2 * DAY)
    named = refused(await world.patch(free, trainers=[teacher]), 422, "validation")
    assert [each["pointer"] for each in named["errors"]] == ["/trainers/0"]
    gone = await world.trainer(active_to=days[0], name="Gun Gången")
    [error] = refused(await world.patch(free, trainers=[gone]), 422, "validation")["errors"]
    assert error["message"] == f"Gun Gången slutar {days[0]}. Byt utbildningsledare eller tid."


async def test_a_trainer_is_not_on_two_sessions_at_once(world: World) -> None:
    teacher, other = await world.trainer(), await world.trainer()
    taken = await world.session(trainers=[teacher])
    overlapping = session_body(10, START + 7 * HOUR, trainers=[other, teacher])
    answer = await world.coordinator.post("/booking/v1/sessions", json=overlapping)
    refused(answer, 409, "trainer-busy")
    [error] = answer.json()["errors"]
    assert (error["pointer"], answer.json()["sessions"]) == ("/trainers/1", [taken])
    afterwards = await world.session(starts=START + 8 * HOUR, trainers=[teacher])
    moved = await world.coordinator.post(
        f"/booking/v1/sessions/{afterwards}/reschedule", json={"occasions": [occasion(START + HOUR)]}
    )
    assert refused(moved, 409, "trainer-busy")["errors"][0]["pointer"] == "/occasions"
    free = await world.session()
    refused(await world.patch(free, trainers=[teacher]), 409, "trainer-busy")
    answered(await world.patch(taken, venue="Annexet"))
    await world.post(f"/booking/v1/sessions/{taken}/cancel", {"cause": "venue"})
    answered(await world.patch(free, trainers=[teacher]))


async def test_a_qualification_counts_from_the_day_on_which_it_was_obtained(world: World) -> None:
    await world.course("SIM2", ["base"], needs_qualification="KlinSim2")
    teacher = await world.trainer("KlinSim2", since=START.date().isoformat())
    session = await world.session(course="SIM2", trainers=[teacher])
    answer = await world.coordinator.post(
        f"/booking/v1/sessions/{session}/reschedule", json={"occasions": [occasion(START - DAY)]}
    )
    refused(answer, 409, "trainer-not-qualified")


async def test_a_session_is_not_made_in_the_past_by_a_wrong_year(world: World) -> None:
    last_year = NOW - 365 * DAY
    answer = await world.coordinator.post("/booking/v1/sessions", json=session_body(10, last_year))
    refused(answer, 422, "in-the-past")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/occasions/0/starts_at"]
    session = await world.session()
    path, back = f"/booking/v1/sessions/{session}/reschedule", {"occasions": [occasion(last_year)]}
    refused(await world.coordinator.post(path, json=back), 422, "in-the-past")
    refused(await world.patch(session, **back), 422, "in-the-past")
    await world.session(starts=last_year, at=last_year - DAY)
    await world.post(path, back, at=last_year - DAY)


async def test_what_has_begun_goes_on_and_its_next_day_can_move(world: World) -> None:
    session = await world.session(occasions=[occasion(START), occasion(START + 7 * DAY)])
    first, second = (await world.get(f"/booking/v1/sessions/{session}"))["occasions"]
    world.clock.at = START + DAY
    later = occasion(START + 8 * DAY, occasion_id=second["occasion_id"])
    await world.post(f"/booking/v1/sessions/{session}/reschedule", {"occasions": [first, later]})


async def test_a_session_lies_within_the_project(world: World) -> None:
    beyond = NOW + 600 * DAY
    answer = await world.coordinator.post("/booking/v1/sessions", json=session_body(10, beyond))
    refused(answer, 422, "validation")
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        ("/occasions/0", "outside-project")
    ]
    session = await world.session()
    moved = {"occasions": [occasion(beyond)]}
    last_evening = await world.session(occasions=[evening_before(date(2027, 7, 1))])
    assert await world.outcomes(last_evening, await world.staff()) == ["confirmed"]
    for answer in (
        await world.coordinator.post(f"/booking/v1/sessions/{session}/reschedule", json=moved),
        await world.patch(session, **moved),
    ):
        assert [each["code"] for each in answer.json()["errors"]] == ["outside-project"]


async def test_an_edit_needs_the_revision_that_was_seen(world: World) -> None:
    session = await world.session()
    path = f"/booking/v1/sessions/{session}"
    refused(await world.coordinator.patch(path, json={"venue": "A"}), 428, "if-match-required")
    first = await world.patch(session, venue="A")
    assert (first.status_code, first.headers["ETag"], first.json()["venue"]) == (200, '"2"', "A")
    stale = await world.coordinator.patch(path, json={"venue": "B"}, headers={"If-Match": '"1"'})
    refused(stale, 412, "stale-if-match")
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
    old, new, further = await world.trainer(), await world.trainer(), await world.trainer()
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
    refused(await world.patch(session, course="PALS"), 422, "validation")


async def test_the_capacity_never_falls_below_what_is_taken(world: World) -> None:
    session = await world.session(3)
    await world.outcomes(session, *await world.several(2))
    refused(await world.patch(session, capacity=1), 409, "capacity-below-taken")
    assert answered(await world.patch(session, capacity=2))["seats"]["free"] == 0


async def test_shares_never_promise_seats_that_others_have(world: World) -> None:
    session = await world.session(3, seat_shares={NORA: 1})
    await world.outcomes(session, *await world.several(2))
    refused(await world.patch(session, seat_shares={NORA: 2}), 409, "shares-exceed-free-seats")
    refused(await world.patch(session, capacity=2), 409, "shares-exceed-free-seats")
    answered(await world.patch(session, capacity=2, seat_shares={}))


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


# --- who sees what ---------------------------------------------------------------------------------------------------


async def test_seats_and_the_note_are_for_those_who_need_them(world: World) -> None:
    teacher = await world.trainer()
    session = await world.session(trainers=[teacher])
    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "other", "note": "Ulla är sjuk"})

    async def seen(role: Role, **claims: object) -> tuple[bool, bool]:
        reader = client(world.origin, role, **claims)
        shown = answered(await reader.get(f"/booking/v1/sessions/{session}"))
        assert shown["cancellation"]["cause"] == "other"
        return shown["seats"] is not None, shown["cancellation"]["note"] is not None

    assert await seen(Role.MUNICIPALITY, municipality=NORA) == (True, True)
    assert await seen(Role.TRAINER, trainer_id=teacher) == (True, True)
    for role in (Role.TRAINER, Role.FUNDER, Role.EVALUATOR, Role.OPERATOR):
        assert await seen(role, trainer_id=uuid4()) == (False, False)


async def test_bookable_is_what_the_own_municipality_could_get_now(world: World) -> None:
    session = await world.session(4, seat_shares={NORA: 2})
    nora, hallefors = world.municipality(NORA), world.municipality(HALLEFORS)

    async def bookable(reader: httpx2.AsyncClient) -> tuple[int, int]:
        seats = answered(await reader.get(f"/booking/v1/sessions/{session}"))["seats"]
        return seats["free"], seats["bookable"]

    assert await bookable(nora) == (4, 4)
    assert await bookable(hallefors) == (4, 2)
    assert await bookable(world.coordinator) == (4, 4)
    await world.outcomes(session, await world.staff())
    pair = await world.several(2)
    await world.outcomes(session, *pair, policy="all")  # waits for two seats of the pool, of which one is left
    assert await bookable(nora) == (3, 2)
    assert await bookable(hallefors) == (3, 0)
    assert await bookable(world.coordinator) == (3, 2)

    async def listed(reader: httpx2.AsyncClient, free: bool) -> bool:
        query = {"has_free_seats": str(free).lower(), "limit": "500"}
        items = answered(await reader.get("/booking/v1/sessions", params=query))["items"]
        return session in [each["id"] for each in items]

    assert (await listed(nora, True), await listed(nora, False)) == (True, False)
    assert (await listed(hallefors, True), await listed(hallefors, False)) == (False, True)


async def test_nothing_is_bookable_before_registration_opens_or_after_the_start(world: World) -> None:
    session = await world.session(registration_opens_at=(NOW + DAY).isoformat())
    nora = world.municipality(NORA)

    async def bookable() -> int:
        seats = answered(await nora.get(f"/booking/v1/sessions/{session}"))["seats"]
        return int(seats["bookable"])

    assert await bookable() == 0
    assert (await world.seats(session))["bookable"] == 10  # the office may override the opening
    world.clock.at = NOW + DAY
    assert await bookable() == 10
    world.clock.at = START
    assert await bookable() == 0


async def test_a_filtered_list_is_filled_page_by_page(stack: Stack) -> None:
    async with booking_world(stack) as world:
        sessions = [await world.session(1, starts=START + day * DAY) for day in range(6)]
        for full in sessions[:4]:
            await world.outcomes(full, await world.staff())
        page = await world.get("/booking/v1/sessions", has_free_seats="true", limit=1)
        following = await world.get("/booking/v1/sessions", has_free_seats="true", limit=1, cursor=page["next"])
        assert [page["items"][0]["id"], following["items"][0]["id"]] == sessions[4:]
        assert following["next"] is None


async def test_an_unknown_session_is_not_found(world: World) -> None:
    answer = await world.coordinator.get(f"/booking/v1/sessions/{uuid4()}")
    refused(answer, 404, "not-found")
