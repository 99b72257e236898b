"""The waiting list over HTTP, on a real database: every way a seat frees, the order, the reasons, the sweep."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from services.booking.waiting_list.sweep import sweep
from tests.integration.booking.queueing import decisions, full
from tests.support.answers import answered, refused
from tests.support.booking_world import DAY, HALLEFORS, HOUR, NORA, NOW, World, booking_world
from tests.support.stack import Stack

START = NOW + 30 * DAY
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def skipping_world(stack: Stack) -> AsyncIterator[World]:
    async with booking_world(stack, queue_order="skip_if_too_big") as made:
        yield made


@pytest.fixture
def skipping(skipping_world: World) -> World:
    """A project in which an entry that is too big is passed."""
    skipping_world.clock.at = NOW
    return skipping_world


# --- every way a seat frees ------------------------------------------------------------------------------------------


async def test_a_cancellation_promotes_the_head_of_the_queue_at_once(world: World) -> None:
    session, [seated] = await full(world, 1)
    first, second = await world.several(2)
    await world.outcomes(session, first)
    await world.outcomes(session, second)
    await world.cancel(session, seated)
    assert await world.statuses(session, first, second) == ["confirmed", "waitlisted"]
    assert (await world.registration(session, second))["position"] == 1
    names = (await world.event_names(session))[-2:]
    assert names == ["registration-cancelled", "registration-confirmed"]
    assert (await world.events(session))[-1][1]["via"] == "promotion"
    assert await decisions(world, session) == [("promoted", "seat-free")]


async def test_a_municipality_that_cancels_promotes_whoever_is_next_of_all_municipalities(world: World) -> None:
    session = await world.session(1)
    seated, waiting = await world.staff(NORA), await world.staff(HALLEFORS)
    await world.outcomes(session, seated)
    await world.outcomes(session, waiting)
    row = await world.registration(session, seated)
    nora = world.municipality(NORA)
    answered(await nora.post(f"/booking/v1/registrations/{row['id']}/cancel", json={"reason": "work"}))
    assert await world.statuses(session, waiting) == ["confirmed"]


async def test_a_larger_capacity_promotes(world: World) -> None:
    session, _ = await full(world, 1)
    waiting = await world.several(3)
    await world.outcomes(session, *waiting, policy="any")
    answer = answered(await world.patch(session, capacity=3))
    assert answer["seats"] == {"capacity": 3, "confirmed": 3, "held": 0, "free": 0, "bookable": 0, "waitlisted": 1}
    assert await world.statuses(session, *waiting) == ["confirmed", "confirmed", "waitlisted"]


async def test_a_share_that_a_municipality_gives_up_promotes(world: World) -> None:
    session = await world.session(2, seat_shares={NORA: 1})
    first, second = await world.several(2)
    assert await world.outcomes(session, first, second, policy="any") == ["confirmed", "waitlisted"]
    answered(await world.patch(session, seat_shares={}))
    assert await world.statuses(session, second) == ["confirmed"]


async def test_a_released_share_promotes_by_the_sweep_and_is_published_once(world: World) -> None:
    session = await world.session(3, seat_shares={NORA: 2}, shares_release_at=(NOW + DAY).isoformat())
    guaranteed, (first, second) = await world.staff(NORA), await world.several(2)
    assert await world.outcomes(session, first, second, policy="any") == ["confirmed", "waitlisted"]
    assert await world.outcomes(session, guaranteed) == ["confirmed"]
    units = world.origin.services["booking"].units
    await sweep(units)
    assert await world.statuses(session, second) == ["waitlisted"]
    world.clock.advance(DAY + HOUR)
    await sweep(units)
    await sweep(units)
    assert await world.statuses(session, second) == ["confirmed"]
    released = [data for name, data in await world.events(session) if name == "share-released"]
    assert released == [{"session_id": session, "municipality": NORA, "seats": 1}]


async def test_an_act_after_the_release_finds_the_shares_released(world: World) -> None:
    session = await world.session(2, seat_shares={NORA: 2}, shares_release_at=(NOW + DAY).isoformat())
    first, second = await world.several(2)
    assert await world.outcomes(session, first) == ["waitlisted"]
    world.clock.advance(2 * DAY)
    assert await world.outcomes(session, second) == ["confirmed"]
    assert await world.statuses(session, first) == ["confirmed"]
    names = (await world.event_names(session))[-3:]
    assert names == ["share-released", "registration-confirmed", "registration-confirmed"]


async def test_what_is_entered_afterwards_sees_the_shares_of_that_time(world: World) -> None:
    created, starts = NOW - 300 * DAY, NOW - 200 * DAY
    release = starts - 30 * DAY
    fields = {"seat_shares": {NORA: 1}, "shares_release_at": release.isoformat()}
    session = await world.session(2, starts=starts, at=created, **fields)
    first, second, third = await world.several(3)
    found = await world.outcomes(session, first, second, policy="any", at=created + DAY)
    assert found == ["confirmed", "waitlisted"]
    await sweep(world.origin.services["booking"].units)
    assert await world.statuses(session, second) == ["waitlisted"]
    assert await world.outcomes(session, third, at=release + DAY) == ["waitlisted"]
    assert await world.statuses(session, second) == ["confirmed"]
    promoted = await world.registration(session, second)
    assert datetime.fromisoformat(promoted["confirmed_at"]) == release


async def test_who_leaves_the_queue_lets_those_behind_move_up(world: World) -> None:
    session, seated = await full(world, 2)
    group, single = await world.several(2), await world.staff()
    await world.outcomes(session, *group, policy="all")
    await world.outcomes(session, single)
    await world.cancel(session, seated[0])
    assert await world.statuses(session, *group, single) == ["waitlisted"] * 3
    await world.cancel(session, group[0])
    assert await world.statuses(session, group[1], single) == ["confirmed", "waitlisted"]


async def test_nobody_is_promoted_once_the_session_has_started(world: World) -> None:
    session, [seated] = await full(world, 1)
    waiting = await world.staff()
    await world.outcomes(session, waiting)
    world.clock.at = START + HOUR
    await world.cancel(session, seated)
    await sweep(world.origin.services["booking"].units)
    assert await world.statuses(session, waiting) == ["waitlisted"]
    assert (await world.queue(session))["entries"][0]["why_not_yet_code"] == "session-started"


# --- order and groups ------------------------------------------------------------------------------------------------


async def test_a_strict_queue_waits_for_its_head(world: World) -> None:
    session, seated = await full(world, 3)
    group, single, newcomer = await world.several(3), await world.staff(), await world.staff()
    await world.outcomes(session, *group, policy="all")
    await world.outcomes(session, single)
    await world.cancel(session, seated[0])
    assert await world.statuses(session, *group, single) == ["waitlisted"] * 4
    assert await world.outcomes(session, newcomer) == ["waitlisted"]
    refused(await world.register(session, await world.staff(), waitlist=False), 409, "session-full")
    for person in seated[1:]:
        await world.cancel(session, person)
    assert await world.statuses(session, *group, single) == ["confirmed"] * 3 + ["waitlisted"]


async def test_a_skipping_queue_passes_a_group_that_is_too_big_and_says_so(skipping: World) -> None:
    session, seated = await full(skipping, 3)
    group, single = await skipping.several(3), await skipping.staff()
    await skipping.outcomes(session, *group, policy="all")
    await skipping.outcomes(session, single)
    await skipping.cancel(session, seated[0])
    assert await skipping.statuses(session, *group, single) == ["waitlisted"] * 3 + ["confirmed"]
    assert await decisions(skipping, session) == [("skipped", "too-few-seats"), ("promoted", "seat-free")]


async def test_a_skipping_queue_lets_a_newcomer_take_what_nobody_who_waits_can_use(skipping: World) -> None:
    session, seated = await full(skipping, 3)
    await skipping.outcomes(session, *await skipping.several(3), policy="all")
    await skipping.cancel(session, seated[0])
    assert await skipping.outcomes(session, await skipping.staff()) == ["confirmed"]


async def test_a_group_at_least_gets_its_minimum_at_once_and_the_rest_one_by_one(world: World) -> None:
    session, seated = await full(world, 3)
    group = await world.several(3)
    await world.outcomes(session, *group, policy="at_least", at_least=2)
    await world.cancel(session, seated[0])
    assert await world.statuses(session, *group) == ["waitlisted"] * 3
    await world.cancel(session, seated[1])
    assert await world.statuses(session, *group) == ["confirmed", "confirmed", "waitlisted"]
    await world.cancel(session, seated[2])
    assert await world.statuses(session, *group) == ["confirmed"] * 3


async def test_an_own_guaranteed_seat_is_open_behind_another_municipality_that_waits(world: World) -> None:
    session = await world.session(2, seat_shares={NORA: 1})
    await world.outcomes(session, *await world.several(2), policy="any")
    assert await world.outcomes(session, await world.staff(NORA), waitlist=False) == ["confirmed"]


async def test_who_cannot_take_part_any_more_is_skipped_with_the_reason(world: World) -> None:
    session, [seated] = await full(world, 1)
    busy, free = await world.several(2)
    await world.outcomes(session, busy)
    await world.outcomes(session, free)
    await world.origin.rows(
        "booking",
        "UPDATE employment_periods SET valid_to = $1 WHERE employment_id = (SELECT employment_id FROM registrations "
        "WHERE session_id = $2 AND status = 'waitlisted' ORDER BY id LIMIT 1)",
        NOW.date(),
        UUID(session),
    )
    await world.cancel(session, seated)
    assert await world.statuses(session, busy, free) == ["waitlisted", "confirmed"]
    assert await decisions(world, session) == [("skipped", "not-employed-then"), ("promoted", "seat-free")]


async def test_the_step_is_idempotent_and_a_sweep_without_news_stores_nothing(skipping: World) -> None:
    session, seated = await full(skipping, 2)
    await skipping.outcomes(session, *await skipping.several(2), policy="all")
    await skipping.cancel(session, seated[0])
    before = await skipping.queue(session), await skipping.event_names(session)
    for _ in range(3):
        await sweep(skipping.origin.services["booking"].units)
    assert (await skipping.queue(session), await skipping.event_names(session)) == before


async def test_the_sweep_finds_a_seat_that_was_missed(world: World) -> None:
    session, _ = await full(world, 1)
    waiting = await world.staff()
    await world.outcomes(session, waiting)
    await world.origin.rows("booking", "UPDATE sessions SET capacity = 2 WHERE id = $1", UUID(session))
    await sweep(world.origin.services["booking"].units)
    assert await world.statuses(session, waiting) == ["confirmed"]


# --- close to the start ----------------------------------------------------------------------------------------------


async def test_nobody_is_promoted_close_to_the_start_but_by_hand(world: World) -> None:
    session, [first_seat, second_seat] = await full(world, 2)
    ahead, behind, newcomer = await world.several(3)
    await world.outcomes(session, ahead)
    await world.outcomes(session, behind)
    world.clock.at = START - 12 * HOUR
    await world.cancel(session, first_seat)
    await sweep(world.origin.services["booking"].units)
    assert await world.statuses(session, ahead, behind) == ["waitlisted", "waitlisted"]
    entries = (await world.queue(session))["entries"]
    assert [each["why_not_yet_code"] for each in entries] == ["promotion-stopped"] * 2
    path, by_hand = f"/booking/v1/sessions/{session}/queue/move", {"position": 2, "reason": "Hon kan", "promote": True}
    queue = await world.post(path, {"entry": entries[1]["entry"], **by_hand})
    assert await world.statuses(session, ahead, behind) == ["waitlisted", "confirmed"]
    told = [(each["decision"], each["reason_code"], each["reason"]) for each in queue["decisions"]]
    assert told == [("promoted", "promoted-by-coordinator", "Hon kan")]
    answer = await world.coordinator.post(path, json={"entry": entries[0]["entry"], **by_hand, "position": 1})
    refused(answer, 409, "session-full")
    await world.cancel(session, second_seat)
    alone = await world.register(session, newcomer, waitlist=False)
    refused(alone, 409, "session-full")
    assert await world.outcomes(session, newcomer) == ["waitlisted"], "who waits ahead could get the seat by hand"
    assert (await world.seats(session))["bookable"] == 0


async def test_until_then_the_queue_goes_on(world: World) -> None:
    session, [seated] = await full(world, 1)
    waiting = await world.staff()
    await world.outcomes(session, waiting)
    world.clock.at = START - 12 * HOUR - timedelta(seconds=1)
    await world.cancel(session, seated)
    assert await world.statuses(session, waiting) == ["confirmed"]


async def test_a_seat_by_hand_passes_those_ahead_and_never_an_obstacle(world: World) -> None:
    session, seated = await full(world, 2)
    group, single = await world.several(2), await world.staff()
    await world.outcomes(session, *group, policy="all")
    await world.outcomes(session, single)
    await world.cancel(session, seated[0])
    group_entry, single_entry = (each["entry"] for each in (await world.queue(session))["entries"])
    path, body = f"/booking/v1/sessions/{session}/queue/move", {"position": 1, "reason": "x", "promote": True}
    refused(await world.coordinator.post(path, json={**body, "entry": group_entry}), 409, "session-full")
    await world.post(path, {**body, "entry": single_entry})
    assert await world.statuses(session, *group, single) == ["waitlisted", "waitlisted", "confirmed"]
