"""Burned seats per municipality, in seats and minutes, by the day of the last occasion."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.booking.consumers import take_attested_roll
from shared.contracts.attendance_v1 import AttestedMinutes, RollAttested
from tests.support.answers import Json, answered, if_match, ok, problem
from tests.support.booking_world import (
    DAY,
    HALLEFORS,
    HOUR,
    NORA,
    NOW,
    OREBRO,
    PROJECT,
    World,
    booking_world,
    occasion,
)
from tests.support.events import delivered
from tests.support.stack import Stack

STARTS = NOW + 30 * DAY
DEADLINE = STARTS - 7 * DAY
LATE = STARTS - 2 * DAY
NOTHING = {"seats": 0, "minutes": 0}


@dataclass(frozen=True)
class Had:
    """A seat of somebody, from so many hours before the start until so many before it, or to the end."""

    person: int
    municipality: str = NORA
    since: int = 500
    until: int | None = None
    late: bool = True
    neutral: bool = False


A_DAY_BEFORE, TWO_DAYS_BEFORE = 24, 48
LEFT = Had(0, until=A_DAY_BEFORE)
COMES = Had(0, OREBRO, since=2)
SEATS: list[tuple[str, int, list[Had], dict[str, tuple[int, int]]]] = [
    ("left late", 1, [LEFT], {NORA: (1, 0)}),
    ("left in time", 1, [replace(LEFT, late=False)], {}),
    ("filled before the start", 1, [LEFT, COMES], {}),
    ("a seat taken after the start fills none", 1, [LEFT, replace(COMES, since=-1)], {NORA: (1, 0)}),
    ("a newcomer who had room anyway fills none", 3, [LEFT, COMES], {NORA: (1, 0)}),
    (
        "left first, filled first",
        2,
        [Had(0, until=TWO_DAYS_BEFORE), Had(1, OREBRO, until=A_DAY_BEFORE), COMES],
        {OREBRO: (1, 0)},
    ),
    ("illness is neutral", 2, [replace(LEFT, neutral=True), Had(1, until=30)], {NORA: (1, 1)}),
    ("who has a seat again burned none", 5, [LEFT, Had(0, since=2)], {}),
    ("who leaves during the session burned the seat", 1, [replace(LEFT, until=-1)], {NORA: (1, 0)}),
    ("who came late and left burned none of the others", 2, [replace(LEFT, since=-2, until=-3), COMES], {NORA: (1, 0)}),
    ("more people than seats leave none empty", 1, [LEFT, COMES, replace(COMES, person=1)], {}),
    ("one of two filled", 2, [LEFT, Had(1, until=30), COMES], {NORA: (1, 0)}),
]
SEAT = text(
    """
    INSERT INTO registrations (id, session_id, staff_id, participant_id, employment_id, municipality, status,
                               entry_order, registered_at, confirmed_at, ended_at, late, neutral, support_needs,
                               revision)
    SELECT gen_random_uuid(), :session, f.id, f.participant_id, f.employment_id, f.municipality,
           CASE WHEN CAST(:until AS timestamptz) IS NULL THEN 'confirmed' ELSE 'cancelled' END,
           0, :since, :since, :until, :late, :neutral, '{}', 1
      FROM staff f WHERE f.id = :staff
    """
)


@pytest.fixture
async def world(stack: Stack) -> AsyncIterator[World]:
    async with booking_world(stack) as made:
        yield made


async def counted(world: World, municipality: str, **query: Any) -> tuple[Json, Json, Json]:
    """Late, no-show and neutral of a municipality, on the day of the session unless said otherwise."""
    query = {"from": "2026-04-01", "to": "2026-04-01", **query}
    items = (await world.get("/booking/v1/burned-seats", **query))["items"]
    assert [each["municipality"] for each in items] == [HALLEFORS, OREBRO, NORA]
    [found] = [each for each in items if each["municipality"] == municipality]
    return found["late"], found["no_show"], found["neutral"]


async def attest(world: World, session: str, **minutes: tuple[int, bool]) -> None:
    """Minutes and whether excused, by participant."""
    [occasions] = [(await world.get(f"/booking/v1/sessions/{session}"))["occasions"]]
    lines = tuple(
        AttestedMinutes(
            participant_id=UUID(participant),
            occasion_id=UUID(each["occasion_id"]),
            minutes=attended,
            scheduled_minutes=420,
            excused=excused,
        )
        for each in occasions
        for participant, (attended, excused) in minutes.items()
    )
    data = RollAttested(roll_version=1, sealed_hash="0" * 64, attested_by="Ulla", minutes=lines)
    units = world.origin.services["booking"].app.state.units
    async with units.system() as unit:
        await take_attested_roll(unit, delivered(RollAttested, data, key=session, sequence=1, at=NOW))


async def participant(world: World, session: str, staff: str) -> str:
    return str((await world.registration(session, staff))["participant_id"])


async def test_a_seat_given_back_late_is_burned_in_time_it_is_not(world: World) -> None:
    session, people = await world.session(), await world.several(2, NORA)
    await world.outcomes(session, *people)
    world.clock.at = DEADLINE
    assert await world.cancel(session, people[0]) == {"late": False}
    world.clock.at = LATE
    assert await world.cancel(session, people[1]) == {"late": True}
    assert await counted(world, NORA) == ({"seats": 1, "minutes": 420}, NOTHING, NOTHING)
    assert await counted(world, OREBRO) == (NOTHING, NOTHING, NOTHING)


async def test_a_seat_that_somebody_else_gets_before_the_start_is_not_burned(world: World) -> None:
    session, leaves, waits = await world.session(1), await world.staff(NORA), await world.staff()
    await world.outcomes(session, leaves)
    assert await world.outcomes(session, waits) == ["waitlisted"]
    world.clock.at = LATE
    await world.cancel(session, leaves)
    assert await counted(world, NORA) == (NOTHING, NOTHING, NOTHING)
    await world.cancel(session, waits)  # who was promoted burns it now
    assert await counted(world, NORA) == (NOTHING, NOTHING, NOTHING)
    assert await counted(world, OREBRO) == ({"seats": 1, "minutes": 420}, NOTHING, NOTHING)


async def test_a_substitute_burns_nothing(world: World) -> None:
    session, (ill, instead) = await world.session(), await world.several(2, NORA)
    await world.outcomes(session, ill)
    world.clock.at = LATE
    await world.substituted(session, ill, instead)
    assert await counted(world, NORA) == (NOTHING, NOTHING, NOTHING)


async def test_illness_is_neutral_while_the_setting_says_so(world: World, stack: Stack) -> None:
    assert await burned_by_illness(world) == (NOTHING, NOTHING, {"seats": 1, "minutes": 420})
    async with booking_world(stack, illness_neutral=False) as strict:
        assert await burned_by_illness(strict) == ({"seats": 1, "minutes": 420}, NOTHING, NOTHING)


async def test_illness_is_judged_by_what_holds_on_the_day_of_the_course(world: World) -> None:
    """As the roll judges it: a setting that changes between the call and the course counts."""
    settings = [{"key": "illness_neutral", "value": False, "valid_from": f"{STARTS:%Y-%m-%d}"}]
    seen = await world.coordinator.get("/booking/v1/project")
    body = {**PROJECT, "settings": settings}
    ok(await world.coordinator.put("/booking/v1/project", json=body, headers=if_match(seen)))
    assert await burned_by_illness(world) == ({"seats": 1, "minutes": 420}, NOTHING, NOTHING)


async def burned_by_illness(world: World) -> tuple[Json, Json, Json]:
    session, ill = await world.session(), await world.staff(NORA)
    await world.outcomes(session, ill)
    world.clock.at = LATE
    await world.cancel(session, ill, "illness")
    return await counted(world, NORA)


async def test_who_did_not_come_is_a_no_show_and_who_was_excused_is_neutral(world: World) -> None:
    session, people = await world.session(), await world.several(4, NORA)
    await world.outcomes(session, *people)
    present, absent, ill, _ = [await participant(world, session, each) for each in people]
    assert await counted(world, NORA) == (NOTHING, NOTHING, NOTHING)
    await attest(world, session, **{present: (400, False), absent: (0, False), ill: (0, True)})
    # The fourth is not on the attested roll: registered after the seal.
    assert await counted(world, NORA) == (NOTHING, {"seats": 1, "minutes": 420}, {"seats": 1, "minutes": 420})


async def test_who_cancelled_late_and_came_burned_nothing(world: World) -> None:
    session, person = await world.session(), await world.staff(NORA)
    await world.outcomes(session, person)
    came = await participant(world, session, person)
    world.clock.at = LATE
    await world.cancel(session, person)
    await attest(world, session, **{came: (420, False)})
    assert await counted(world, NORA) == (NOTHING, NOTHING, NOTHING)


async def test_a_cancelled_session_burns_nothing(world: World) -> None:
    session, person = await world.session(), await world.staff(NORA)
    await world.outcomes(session, person)
    world.clock.at = LATE
    await world.cancel(session, person)
    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"})
    assert await counted(world, NORA) == (NOTHING, NOTHING, NOTHING)


async def test_it_counts_on_the_day_of_the_last_occasion_with_the_minutes_of_all(world: World) -> None:
    late_evening = datetime.fromisoformat("2026-04-08T20:00:00+02:00")
    occasions = [occasion(STARTS), occasion(late_evening, hours=3.75, break_minutes=15)]
    session, person = await world.session(occasions=occasions), await world.staff(NORA)
    await world.outcomes(session, person)
    world.clock.at = LATE
    await world.cancel(session, person)
    assert await counted(world, NORA) == (NOTHING, NOTHING, NOTHING)
    one = {"seats": 1, "minutes": 420 + 210}
    for period in ({"from": "2026-04-08", "to": "2026-04-08"}, {"from": "2026-01-01", "to": "2026-12-31"}):
        assert (await counted(world, NORA, **period))[0] == one
    assert (await counted(world, NORA, **{"from": "2026-04-09", "to": "2026-04-30"}))[0] == NOTHING


@pytest.mark.parametrize("hours", [2.0, 5.0, 1 + 50 / 3600], ids=["until midnight", "beyond it", "of whole minutes"])
async def test_an_evening_counts_on_the_day_on_which_it_began(world: World, hours: float) -> None:
    """As in the figures: seats belong to the day on which the last occasion begins, and begun minutes are none."""
    evening = occasion(datetime.fromisoformat("2026-04-30T22:00:00+02:00"), hours=hours, break_minutes=0)
    session, person = await world.session(occasions=[evening]), await world.staff(NORA)
    await world.outcomes(session, person)
    world.clock.at = LATE
    await world.cancel(session, person)
    assert (await counted(world, NORA, **{"from": "2026-05-01", "to": "2026-05-31"}))[0] == NOTHING
    april = await counted(world, NORA, **{"from": "2026-04-01", "to": "2026-04-30"})
    assert april[0] == {"seats": 1, "minutes": int(hours * 60)}


async def test_of_the_seats_left_late_as_many_are_burned_as_stayed_empty(world: World) -> None:
    """Each sentence on a session of its own day, by numbers made by hand."""
    people = {NORA: await world.several(2, NORA), OREBRO: await world.several(3, OREBRO)}
    for number, (sentence, capacity, had, expected) in enumerate(SEATS):
        starts = STARTS + number * DAY
        session = await world.session(capacity, starts=starts)
        await give_seats(world, session, starts, people, had)
        day = f"{starts:%Y-%m-%d}"
        found = {code: await counted(world, code, **{"from": day, "to": day}) for code in people}
        counts = {code: (late["seats"], neutral["seats"]) for code, (late, _, neutral) in found.items()}
        assert counts == {NORA: (0, 0), OREBRO: (0, 0), **expected}, sentence


async def give_seats(
    world: World, session: str, starts: datetime, people: dict[str, list[str]], had: list[Had]
) -> None:
    """Straight into the table: what clocks and queues would make of it is another matter."""
    async with world.origin.services["booking"].app.state.units.system() as unit:
        for one in had:
            until = None if one.until is None else starts - one.until * HOUR
            row = {"session": session, "staff": people[one.municipality][one.person], "neutral": one.neutral}
            times = {"since": starts - one.since * HOUR, "until": until, "late": until is not None and one.late}
            await unit.execute(SEAT, {**row, **times})


async def test_a_municipality_sees_its_own_and_the_question_must_make_sense(world: World) -> None:
    nora, period = world.municipality(NORA), {"from": "2026-01-01", "to": "2026-12-31"}
    own = answered(await nora.get("/booking/v1/burned-seats", params=period))
    assert own == {"items": [{"municipality": NORA, "late": NOTHING, "no_show": NOTHING, "neutral": NOTHING}]}
    assert problem(await nora.get("/booking/v1/burned-seats")) == (422, "validation")
    backwards = {"from": "2026-02-01", "to": "2026-01-01"}
    assert problem(await nora.get("/booking/v1/burned-seats", params=backwards)) == (422, "validation")


async def test_a_lapsed_reservation_burns_nothing(world: World) -> None:
    session = await world.session()
    body = {"seats": 2, "name_by": (STARTS - HOUR).isoformat(), "municipality": NORA}
    await world.post(f"/booking/v1/sessions/{session}/reservations", body)
    world.clock.at = STARTS + timedelta(hours=9)
    assert await counted(world, NORA) == (NOTHING, NOTHING, NOTHING)
