"""Registrations that share a transaction: locks, errors, keys, scopes and switches, through HTTP."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.booking.allocation import lock, situation, standing
from services.booking.participants import merge
from services.booking.registrations import register, register_together
from shared.database.transaction import OutcomeUnknown, Transaction
from shared.database.unit_of_work import Unit, Units
from tests.integration.booking.racing import shared_world
from tests.support.answers import Json, ok, problem
from tests.support.booking_world import NORA, OREBRO, World, seats
from tests.support.databases import superuser_url
from tests.support.lanes import held, lane_of
from tests.support.race import PauseAfterCheck

__all__ = ["shared_world"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
BOOKED = "SELECT count(*) AS booked FROM registrations WHERE session_id = $1::uuid"


async def together(world: World, *wishes: tuple[str, str], **fields: Any) -> list[httpx2.Response]:
    """The answers to registrations (session, staff) that come while another request is at work."""
    await world.register(str(uuid4()), str(uuid4()))  # the first request of all makes the lane
    async with held(lane_of(world.origin), len(wishes)):
        asked = [asyncio.create_task(world.register(*wish, **fields)) for wish in wishes]
    return await asyncio.gather(*asked)


def outcomes(answers: Sequence[httpx2.Response]) -> list[str]:
    return sorted(ok(answer, 201)["results"][0]["outcome"] for answer in answers)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many registrations each transaction of several wrote."""
    sizes: list[int] = []
    store = register_together._Batch.store

    async def noting(batch: Any, unit: Unit) -> None:
        sizes.append(len(batch.done))
        await store(batch, unit)

    monkeypatch.setattr(register_together._Batch, "store", noting)
    return sizes


async def test_many_share_one_transaction_and_fill_a_session_exactly(world: World, batches: list[int]) -> None:
    session, people = await world.session(3), await world.several(8)
    assert outcomes(await together(world, *((session, one) for one in people))) == [
        *["confirmed"] * 3,
        *["waitlisted"] * 5,
    ]
    assert batches == [8]
    assert await world.seats(session) == seats(3, confirmed=3, waitlisted=5)
    positions = [(await world.registration(session, one))["position"] for one in people]
    assert sorted(position for position in positions if position) == [1, 2, 3, 4, 5]


async def test_a_refusal_is_one_requests_own(world: World, batches: list[int]) -> None:
    full, free = await world.session(1), await world.session(5)
    first, second, third = await world.several(3)
    wishes = [(full, first), (full, second), (free, third), (free, str(uuid4()))]
    answers = await together(world, *wishes, waitlist=False)
    assert [answer.status_code for answer in answers] == [201, 409, 201, 404]
    assert problem(answers[1]) == (409, "session-full")
    assert batches == [2]


async def test_each_sees_its_own_people_alone(world: World, batches: list[int]) -> None:
    session, people = await world.session(), {code: await world.staff(code) for code in (NORA, OREBRO)}
    path, clients = f"/booking/v1/sessions/{session}/registrations", {code: world.municipality(code) for code in people}
    wishes = [(by, whose) for by in people for whose in people]
    await world.register(str(uuid4()), str(uuid4()))
    async with held(lane_of(world.origin), len(wishes)):
        asked = [asyncio.create_task(clients[by].post(path, json={"staff": [people[whose]]})) for by, whose in wishes]
    assert [answer.status_code for answer in await asyncio.gather(*asked)] == [201, 404, 404, 201]
    assert batches == [2]


async def test_answers_are_kept_under_their_keys_and_replayed(world: World, batches: list[int]) -> None:
    session, people = await world.session(), await world.several(3)
    path = f"/booking/v1/sessions/{session}/registrations"
    keys = {one: str(uuid4()) for one in people}

    async def ask(one: str) -> httpx2.Response:
        return await world.coordinator.post(path, json={"staff": [one]}, headers={"Idempotency-Key": keys[one]})

    async with held(lane_of(world.origin), len(people)):
        asked = [asyncio.create_task(ask(one)) for one in people]
    first = [await each for each in asked]
    assert batches == [3]
    again = [await ask(one) for one in people]
    assert [answer.headers["Idempotent-Replayed"] for answer in again] == ["true"] * 3
    assert [(answer.status_code, answer.content) for answer in again] == [
        (answer.status_code, answer.content) for answer in first
    ]
    assert (await world.seats(session))["confirmed"] == 3


async def test_the_answer_is_to_the_byte_what_one_alone_gets(world: World, batches: list[int]) -> None:
    session, people = await world.session(), await world.several(3)
    by_itself = await world.register(session, people[0])
    answers = await together(world, *((session, one) for one in people[1:]))
    assert batches == [2]

    def shape(answer: httpx2.Response) -> tuple[str, dict[str, str]]:
        body: Json = answer.json()
        text = answer.text
        for name in ("staff", "participant_id", "registration_id"):
            text = text.replace(body["results"][0][name], name)
        return text, {name: value for name, value in answer.headers.items() if name != "date"}

    assert {repr(shape(answer)) for answer in answers} == {repr(shape(by_itself))}


async def test_an_error_of_the_database_sends_each_its_own_way(
    world: World, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, people = await world.session(), await world.several(3)
    monkeypatch.setattr(situation, "LOAD_EACH", "SELECT 1 / 0 WHERE $1 <> $2::text")
    assert outcomes(await together(world, *((session, one) for one in people))) == ["confirmed"] * 3
    assert batches == []


async def test_what_may_be_saved_is_not_done_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session, people = await world.session(), await world.several(3)
    commit, lost = Transaction.commit, False

    async def unheard(running: Transaction) -> None:
        nonlocal lost
        await commit(running)
        if not lost:
            lost = True
            raise OutcomeUnknown("COMMIT", None, ConnectionError("gone"), connection_invalidated=True)

    await world.register(str(uuid4()), str(uuid4()))
    monkeypatch.setattr(Transaction, "commit", unheard)
    async with held(lane_of(world.origin), len(people)):
        asked = [asyncio.create_task(world.register(session, one)) for one in people]
    assert [answer.status_code for answer in await asyncio.gather(*asked)] == [503] * 3
    assert await world.origin.rows("booking", BOOKED, session) == [{"booked": 3}]


async def test_what_fails_after_the_commit_is_not_done_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session, [*people, single] = await world.session(), await world.several(3)

    def broken() -> None:
        raise RuntimeError("the relay is not there")

    await world.register(str(uuid4()), str(uuid4()))
    monkeypatch.setattr(world.origin.services["booking"].units, "wake_relay", broken)
    async with held(lane_of(world.origin), len(people)):
        asked = [asyncio.create_task(world.register(session, one)) for one in people]
    answers = [*await asyncio.gather(*asked), await world.register(session, single, policy="at_least", at_least=1)]
    assert [problem(answer) for answer in answers] == [(500, "internal-error")] * 3
    assert {answer.json()["detail"].partition(",")[0] for answer in answers} == {"Det sparades"}
    assert await world.origin.rows("booking", BOOKED, session) == [{"booked": 3}]


async def test_without_a_connection_all_are_told_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session, people = await world.session(), await world.several(3)
    await world.register(str(uuid4()), str(uuid4()))
    opened, batches = Units.open, 0

    def none_left(units: Units, **named: Any) -> Any:
        nonlocal batches
        if named:  # somebody's own: a batch is nobody's
            return opened(units, **named)
        batches += 1
        raise PoolTimeout("none is free")

    monkeypatch.setattr(Units, "open", none_left)
    async with held(lane_of(world.origin), len(people)):
        asked = [asyncio.create_task(world.register(session, one)) for one in people]
    assert [answer.status_code for answer in await asyncio.gather(*asked)] == [503] * 3
    assert batches == 1


async def test_where_a_group_is_too_large_the_others_follow_one_alone(world: World, batches: list[int]) -> None:
    session, group, people = await world.session(3), await world.several(5), await world.several(6)
    path = f"/booking/v1/sessions/{session}/registrations"
    ok(await world.coordinator.post(path, json={"staff": group, "policy": "all", "waitlist": True}), 201)
    assert outcomes(await together(world, *((session, one) for one in people))) == [
        *["confirmed"] * 3,
        *["waitlisted"] * 3,
    ]
    assert (await world.seats(session))["confirmed"] == 3
    assert batches[0] == 0


async def last_seat(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[PauseAfterCheck, list[str]]:
    """Two who go together, and one who goes alone, ask for the only seat; returns what they got."""
    session, [first, second, third] = await world.session(1), await world.several(3)
    await world.register(str(uuid4()), str(uuid4()))
    pause = PauseAfterCheck(world.origin, "booking")
    monkeypatch.setattr(register, "load_situation", pause.around(situation.load_situation))
    monkeypatch.setattr(standing, "load_situations", pause.around(situation.load_situations))
    async with held(lane_of(world.origin), 2):
        asked = [asyncio.create_task(world.register(session, one)) for one in (first, second)]
    asked.append(asyncio.create_task(world.register(session, third, override={"reason": "Behövs på plats"})))
    return pause, outcomes(await asyncio.gather(*asked))


async def test_a_batch_and_one_alone_never_give_the_same_last_seat(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause, found = await last_seat(world, monkeypatch)
    assert not pause.checked_together
    assert found == ["confirmed", "waitlisted", "waitlisted"]


async def test_control_without_the_batchs_lock_both_get_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LOCK_FREE", lock.LOCK_FREE.replace("FOR NO KEY UPDATE SKIP LOCKED", ""))
    pause, found = await last_seat(world, monkeypatch)
    assert pause.checked_together
    assert found == ["confirmed", "confirmed", "waitlisted"]


async def test_a_session_that_somebody_holds_keeps_nobody_else_waiting(world: World, batches: list[int]) -> None:
    busy, free = await world.session(), await world.session()
    first, second, third = await world.several(3)
    holder = await asyncpg.connect(superuser_url(world.origin.stack.admin_url, world.origin.databases["booking"]))
    try:
        async with holder.transaction():
            await holder.execute("SELECT FROM sessions WHERE id = $1 FOR UPDATE", busy)
            await world.register(str(uuid4()), str(uuid4()))
            async with held(lane_of(world.origin), 3):
                waits = asyncio.create_task(world.register(busy, first))
                others = [asyncio.create_task(world.register(free, one)) for one in (second, third)]
            assert outcomes(await asyncio.gather(*others)) == ["confirmed"] * 2
            assert not waits.done()
        assert outcomes([await waits]) == ["confirmed"]
    finally:
        await holder.close()
    assert batches[0] == 2


async def test_who_met_a_lock_comes_again_as_itself_and_with_its_key(world: World, batches: list[int]) -> None:
    busy, free = await world.session(), await world.session()
    staff = [(code, await world.staff(code)) for code in (NORA, OREBRO) * 2]
    wishes = [(session, *who) for session, who in zip((busy, busy, free, free), staff, strict=True)]
    keys = [str(uuid4()) for _ in wishes]

    def ask(number: int) -> asyncio.Task[httpx2.Response]:
        session, code, one = wishes[number]
        path, headers = f"/booking/v1/sessions/{session}/registrations", {"Idempotency-Key": keys[number]}
        return asyncio.create_task(world.municipality(code).post(path, json={"staff": [one]}, headers=headers))

    await world.register(str(uuid4()), str(uuid4()))
    holder = await asyncpg.connect(superuser_url(world.origin.stack.admin_url, world.origin.databases["booking"]))
    try:
        async with holder.transaction():
            await holder.execute("SELECT FROM sessions WHERE id = $1 FOR UPDATE", busy)
            async with held(lane_of(world.origin), len(wishes)):
                asked = [ask(number) for number in range(len(wishes))]
            first = [await each for each in asked[2:]]
        answers = [await each for each in asked[:2]] + first
    finally:
        await holder.close()
    assert outcomes(answers) == ["confirmed"] * 4
    assert batches[0] == 2
    again = [await ask(number) for number in range(len(wishes))]
    assert [answer.headers["Idempotent-Replayed"] for answer in again] == ["true"] * 4
    assert [answer.content for answer in again] == [answer.content for answer in answers]


async def test_a_person_who_is_just_being_merged_holds_up_nobody_else(
    world: World, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, [one, other, free] = await world.session(), await world.several(3)
    ended, into = [(await world.get(f"/booking/v1/staff/{each}"))["participant_id"] for each in (one, other)]
    moved, go_on, audit = asyncio.Event(), asyncio.Event(), merge._audit

    async def pause(*arguments: Any) -> None:
        moved.set()
        await go_on.wait()
        await audit(*arguments)

    monkeypatch.setattr(merge, "_audit", pause)
    await world.register(str(uuid4()), str(uuid4()))
    path, body = f"/booking/v1/participants/{ended}/merge", {"into": into, "reason": "Samma person"}
    merging = asyncio.create_task(world.coordinator.post(path, json=body))
    try:
        await moved.wait()
        async with held(lane_of(world.origin), 2):
            waits, passes = (asyncio.create_task(world.register(session, each)) for each in (one, free))
        assert outcomes([await passes]) == ["confirmed"]
        assert not waits.done()
    finally:
        go_on.set()
    ok(await merging)
    assert (await waits).status_code in (201, 409)  # after the merge with a batch, or alone when the merge took longer
    if waits.result().status_code == 201:
        assert waits.result().json()["results"][0]["participant_id"] == into
    assert batches[0] == 1


async def test_with_the_switch_off_everybody_goes_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    state = world.origin.services["booking"].app.state
    monkeypatch.setattr(state, "settings", state.settings.model_copy(update={"combine": False}))
    monkeypatch.setattr(register_together._Batch, "load", None)
    session, people = await world.session(3), await world.several(5)
    async with held(lane_of(world.origin), 0):
        answers = await asyncio.gather(*(world.register(session, one) for one in people))
    assert outcomes(answers) == ["confirmed"] * 3 + ["waitlisted"] * 2
