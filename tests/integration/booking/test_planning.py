"""Demand and the plan over HTTP."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from services.booking.consumers import CONSUMERS
from shared.contracts.attendance_v1 import AttestedMinutes, RollAttested
from shared.security.roles import ANY, Role
from tests.support.answers import Json, answered, if_match, problem
from tests.support.booking_world import (
    DAY,
    HALLEFORS,
    NORA,
    NOW,
    OREBRO,
    World,
    booking_world,
    client,
    occasion,
    personal_number,
)
from tests.support.events import delivered
from tests.support.stack import Stack

TERM = "2026H2"
PATH = f"/booking/v1/demand/{TERM}"


@pytest_asyncio.fixture
async def world(stack: Stack) -> AsyncIterator[World]:
    """Of its own for each test: a plan is about the whole project."""
    async with booking_world(stack) as made:
        yield made


async def wish(world: World, municipality: str, term: str = TERM, **seats: int) -> None:
    wishes = [{"course": course, "seats": number} for course, number in seats.items()]
    answered(await world.municipality(municipality).put(f"/booking/v1/demand/{term}", json={"wishes": wishes}))


async def planned(world: World, term: str = TERM) -> Json:
    return await world.get(f"/booking/v1/demand/{term}/plan")


async def test_a_municipality_states_its_wishes_and_edits_what_it_has_seen(world: World) -> None:
    nora, body = world.municipality(NORA), {"wishes": [{"course": "tr1", "seats": 20}]}
    assert answered(await nora.get(PATH)) == {"wishes": []}
    first = await nora.put(PATH, json=body)
    stored = {"wishes": [{"course": "TR1", "seats": 20}]}
    assert (first.status_code, first.json(), first.headers["ETag"]) == (201, stored, '"1"')
    assert problem(await nora.put(PATH, json=body)) == (428, "if-match-required")
    second = await nora.put(PATH, json={"wishes": []}, headers={"If-Match": '"1"'})
    assert (second.status_code, second.headers["ETag"]) == (200, '"2"')
    assert problem(await nora.put(PATH, json=body, headers={"If-Match": '"1"'})) == (412, "stale-if-match")
    got = await nora.get(PATH)
    assert (got.json(), got.headers["ETag"]) == ({"wishes": []}, '"2"')


async def test_the_coordinator_reads_all_and_a_municipality_its_own(world: World) -> None:
    await wish(world, NORA, TR1=20)
    await wish(world, OREBRO, TR2=5)
    await wish(world, NORA, "2027H1", TR1=1)
    assert (await world.get(PATH))["items"] == [
        {"municipality": OREBRO, "wishes": [{"course": "TR2", "seats": 5}]},
        {"municipality": NORA, "wishes": [{"course": "TR1", "seats": 20}]},
    ]
    assert answered(await world.municipality(OREBRO).get(PATH)) == {"wishes": [{"course": "TR2", "seats": 5}]}


@pytest.mark.parametrize(
    ("wishes", "pointer", "code"),
    [
        ([{"course": "NOPE", "seats": 1}], "/wishes/0/course", "unknown-course"),
        ([{"course": "TR1", "seats": 1}, {"course": "tr1", "seats": 2}], "/wishes", "repeated"),
        ([{"course": "TR1", "seats": -1}], "/wishes/0/seats", "greater_than_equal"),
    ],
)
async def test_a_wrong_wish_is_refused_by_its_field(world: World, wishes: Any, pointer: str, code: str) -> None:
    answer = await world.municipality(NORA).put(PATH, json={"wishes": wishes})
    assert problem(answer) == (422, "validation")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_wishes_are_the_municipalities_and_plans_the_coordinators(world: World) -> None:
    for role in ANY:
        other = client(world.origin, role, municipality=NORA, trainer_id=UUID(int=1))
        put, plan = await other.put(PATH, json={"wishes": []}), await other.get(f"{PATH}/plan")
        assert (put.status_code == 403) is (role is not Role.MUNICIPALITY)
        assert (plan.status_code == 403) is (role is not Role.COORDINATOR)
    assert (await world.coordinator.get("/booking/v1/demand/2026")).status_code == 422


async def test_the_plan_gives_everybody_seats_on_days_when_they_can_come(world: World) -> None:
    await wish(world, NORA, TR1=20)
    await wish(world, OREBRO, TR1=7)
    for first, last in ("2026-07-01", "2026-10-31"), ("2026-12-01", "2026-12-31"):
        body = {"municipality": NORA, "from": first, "to": last, "reason": "Nytt system"}
        await world.post("/booking/v1/blackouts", body)
    found = await planned(world)
    assert found["unplaced"] == []
    seats = [(each["host_municipality"], each["capacity"], each["seats"]) for each in found["sessions"]]
    assert len(seats) == 3
    for expected in (NORA, 12, {NORA: 12}), (NORA, 12, {NORA: 8}), (OREBRO, 12, {OREBRO: 7}):
        assert expected in seats
    for session in found["sessions"]:
        day = date.fromisoformat(session["date"])
        assert date(2026, 7, 1) <= day <= date(2026, 12, 31)
        assert day.weekday() < 5
        if NORA in session["seats"]:
            assert day.month == 11


async def test_a_session_is_as_large_as_the_courses_sessions_usually_are(world: World) -> None:
    for capacity in 20, 4, 6:
        await world.session(capacity)
    gone = await world.session(100)
    await world.post(f"/booking/v1/sessions/{gone}/cancel", {"cause": "venue"})
    await wish(world, NORA, TR1=6, TR2=3)
    capacities = {each["course"]: each["capacity"] for each in (await planned(world))["sessions"]}
    assert capacities == {"TR1": 6, "TR2": 12}


async def test_what_has_no_day_says_why(world: World) -> None:
    await wish(world, NORA, TR1=4)
    body = {"municipality": NORA, "from": "2026-07-01", "to": "2026-12-31", "reason": "Nytt system"}
    await world.post("/booking/v1/blackouts", body)
    found = await planned(world)
    unplaced = {"course": "TR1", "municipality": NORA, "seats": 4}
    assert (found["sessions"], found["unplaced"]) == ([], [{**unplaced, "reason": "blackout"}])
    await wish(world, NORA, "2025H2", TR1=4)
    past = await planned(world, "2025H2")
    assert (past["sessions"], past["unplaced"]) == ([], [{**unplaced, "reason": "no-working-day"}])


async def test_only_days_ahead_within_the_project_are_planned(world: World) -> None:
    for term in "2026H1", "2027H1", "2027H2":
        await wish(world, NORA, term, TR1=120)
    days = {each["date"] for each in (await planned(world, "2026H1"))["sessions"]}
    assert "2026-03-02" < min(days) < max(days) <= "2026-06-30"
    assert (await planned(world, "2027H2"))["unplaced"][0]["reason"] == "no-working-day"  # it ends in June
    assert len((await planned(world, "2027H1"))["sessions"]) == 10


async def test_the_effect_on_each_commitment_is_in_minutes(world: World) -> None:
    attended, booked, waiting = await world.staff(NORA), await world.staff(NORA), await world.staff(NORA)
    start = NOW - 60 * DAY
    held = await world.session(starts=start, at=start - 30 * DAY)
    await world.register(held, attended, at=start - 20 * DAY)
    await attest(world, held, attended, 300)
    ahead = await world.session(1)
    await world.outcomes(ahead, booked)
    await world.outcomes(ahead, waiting)
    cancelled = await world.session(starts=NOW + 40 * DAY)
    await world.outcomes(cancelled, booked)
    await world.post(f"/booking/v1/sessions/{cancelled}/cancel", {"cause": "venue"})
    await wish(world, NORA, TR1=2, TR2=1)
    effects = {each["municipality"]: each for each in (await planned(world))["commitments"]}
    assert list(effects) == [HALLEFORS, OREBRO, NORA]
    promised = (await world.get(f"/booking/v1/municipalities/{NORA}"))["commitment_minutes"]
    assert promised == 188_182
    assert effects[NORA] == {
        "municipality": NORA,
        "commitment_minutes": promised,
        "attested_minutes": 300,
        "booked_minutes": 420,
        "planned_minutes": 3 * 420,
        "attainment": 0.0016,  # 300 of 188,182
        "attainment_after": 0.0105,  # 1,980 of 188,182
    }
    assert {effects[OREBRO][name] for name in ("attested_minutes", "booked_minutes", "planned_minutes")} == {0}


async def test_an_hour_counts_for_the_employer_of_its_day(world: World) -> None:
    number, start = personal_number(900), NOW - 60 * DAY
    left = await world.staff(NORA, number=number)
    occasions = [occasion(start + day * DAY) for day in (0, 10, 20)]
    held = await world.session(starts=start, at=start - 30 * DAY, occasions=occasions)
    await world.register(held, left, at=start - 20 * DAY)
    await attest(world, held, left, 100, 20, 3)
    path = f"/booking/v1/staff/{left}"
    seen = await world.coordinator.get(path)
    ended = {"valid_to": str((start + 5 * DAY).date())}
    answered(await world.coordinator.patch(path, json=ended, headers=if_match(seen)))
    for municipality, kind, day in ((HALLEFORS, "employed", 15), (OREBRO, "placement", 16)):
        since = str((start + day * DAY).date())
        await world.staff(municipality, number=number, kind=kind, valid_from=since)
    effects = {each["municipality"]: each["attested_minutes"] for each in (await planned(world))["commitments"]}
    assert effects == {NORA: 100, HALLEFORS: 3, OREBRO: 0}  # nobody employed them in between


async def test_another_title_changes_nothing_about_whose_the_hours_are(world: World) -> None:
    start = NOW - 60 * DAY
    person = await world.staff(NORA)
    occasions = [occasion(start + day * DAY) for day in (0, 10)]
    held = await world.session(starts=start, at=start - 30 * DAY, occasions=occasions)
    await world.register(held, person, at=start - 20 * DAY)
    await attest(world, held, person, 100, 20)
    path = f"/booking/v1/staff/{person}"
    other = {"title": "nurse", "category": "base", "valid_from": str((start + 5 * DAY).date())}
    answered(await world.coordinator.patch(path, json=other, headers=if_match(await world.coordinator.get(path))))
    effects = {each["municipality"]: each["attested_minutes"] for each in (await planned(world))["commitments"]}
    assert effects == {NORA: 120, HALLEFORS: 0, OREBRO: 0}


async def attest(world: World, session: str, staff: str, *minutes: int) -> None:
    shown = await world.get(f"/booking/v1/sessions/{session}")
    person = await world.get(f"/booking/v1/staff/{staff}")
    lines = tuple(
        AttestedMinutes(
            participant_id=UUID(person["participant_id"]),
            occasion_id=UUID(occasion["occasion_id"]),
            minutes=each,
            scheduled_minutes=420,
            excused=False,
        )
        for occasion, each in zip(shown["occasions"], minutes, strict=True)
    )
    roll = RollAttested(roll_version=1, sealed_hash="a" * 64, attested_by="t", minutes=lines)
    async with world.origin.services["booking"].units.system() as unit:
        await CONSUMERS[0].handler(unit, [delivered(RollAttested, roll, key=session, sequence=1)])


async def test_the_board_shows_weeks_and_places(world: World) -> None:
    first = await world.session(5)  # Wednesday 1 April 2026
    second = await world.session(starts=NOW + 44 * DAY, host_municipality=NORA)  # two weeks later
    gone = await world.session()
    await world.post(f"/booking/v1/sessions/{gone}/cancel", {"cause": "venue"})
    await world.outcomes(first, await world.staff())
    shown = await world.get("/booking/v1/planning/board", **{"from": "2026-04-01", "to": "2026-04-13"})
    weeks = shown["weeks"]
    assert [week["week"] for week in weeks] == ["2026-W14", "2026-W15", "2026-W16"]
    assert weeks[0]["red_days"] == ["2026-04-03", "2026-04-05"]
    places = [[(place["host_municipality"], len(place["sessions"])) for place in week["places"]] for week in weeks]
    assert places == [[(OREBRO, 1)], [], [(NORA, 1)]]
    [session] = weeks[0]["places"][0]["sessions"]
    assert (session["id"], session["capacity"], session["free"], session["has_trainer"]) == (first, 5, 4, False)
    assert weeks[2]["places"][0]["sessions"][0]["id"] == second
    too_long = {"from": "2026-01-01", "to": "2027-06-01"}
    assert (await world.coordinator.get("/booking/v1/planning/board", params=too_long)).status_code == 422
