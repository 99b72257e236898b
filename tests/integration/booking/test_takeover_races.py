"""Substitutions and moves of real clients at the same time, with controls that fail without the locks."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass
from random import Random

import httpx2
import pytest
import pytest_asyncio

from services.booking.allocation import act, due, lock, situation
from services.booking.registrations import move as moving
from services.booking.registrations import substitute as substituting
from tests.integration.booking.racing import shared_world
from tests.support.booking_world import DAY, NOW, World
from tests.support.race import PauseAfterCheck

__all__ = ["shared_world"]
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def pause(world: World, monkeypatch: pytest.MonkeyPatch) -> PauseAfterCheck:
    paused = PauseAfterCheck(world.origin, "booking")
    for use_case in (moving, substituting):
        monkeypatch.setattr(use_case, "load_situation", paused.around(situation.load_situation))
    return paused


def without_session_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LOCK", lock.READ)
    monkeypatch.setattr(lock, "LOCK_WITH_PERSONS", lock.LOCK_WITH_PERSONS.replace("FOR NO KEY UPDATE", ""))


async def statuses_of(*answers: Awaitable[httpx2.Response]) -> list[int]:
    return sorted(answer.status_code for answer in await asyncio.gather(*answers))


# --- two substitutes for one seat ------------------------------------------------------------------------------------


async def two_substitutes(world: World) -> tuple[str, list[int]]:
    """Two clients replace the only seated person by two others; returns the session and how they were answered."""
    session, (seated, first, second) = await world.session(1), await world.several(3)
    await world.outcomes(session, seated)
    answers = await statuses_of(*(world.substitute(session, seated, person) for person in (first, second)))
    return session, answers


async def test_two_substitutes_never_take_one_seat(world: World, pause: PauseAfterCheck) -> None:
    session, answers = await two_substitutes(world)
    assert not pause.checked_together
    assert answers == [201, 409]
    assert (await world.seats(session))["confirmed"] == 1


async def test_control_without_the_lock_of_the_session_both_take_it(
    world: World, pause: PauseAfterCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_locks(monkeypatch)
    session, answers = await two_substitutes(world)
    assert pause.checked_together
    assert answers == [201, 201]
    assert (await world.seats(session))["confirmed"] == 2


# --- two who move to the last seat -----------------------------------------------------------------------------------


async def two_movers(world: World) -> tuple[str, list[int]]:
    """People of two sessions move to the last seat of a third; returns that one and how they were answered."""
    sources = [await world.session(starts=NOW + days * DAY) for days in (30, 33)]
    target, people = await world.session(1, starts=NOW + 36 * DAY), await world.several(2)
    for source, person in zip(sources, people, strict=True):
        await world.outcomes(source, person)
    moves = (world.move(source, person, target) for source, person in zip(sources, people, strict=True))
    return target, await statuses_of(*moves)


async def test_two_who_move_never_get_the_same_last_seat(world: World, pause: PauseAfterCheck) -> None:
    target, answers = await two_movers(world)
    assert not pause.checked_together
    assert answers == [201, 409]
    assert (await world.seats(target))["confirmed"] == 1


async def test_control_without_the_locks_of_the_sessions_both_get_it(
    world: World, pause: PauseAfterCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_locks(monkeypatch)
    target, answers = await two_movers(world)
    assert pause.checked_together
    assert answers == [201, 201]
    assert (await world.seats(target))["confirmed"] == 2


# --- both ways at once -----------------------------------------------------------------------------------------------


@dataclass
class Crossing:
    """One person on each of two sessions, about to move to the other; whoever has one lock waits before the next."""

    world: World
    sessions: list[str]
    people: list[str]
    pause: PauseAfterCheck

    async def go(self) -> list[int]:
        (here, there), (first, second) = self.sessions, self.people
        return await statuses_of(self.world.move(here, first, there), self.world.move(there, second, here))


@pytest_asyncio.fixture(loop_scope="module")
async def crossing(world: World, monkeypatch: pytest.MonkeyPatch) -> Crossing:
    sessions = [await world.session(starts=NOW + days * DAY) for days in (30, 33)]
    people = await world.several(2)
    for session, person in zip(sessions, people, strict=True):
        await world.outcomes(session, person)
    pause = PauseAfterCheck(world.origin, "booking")
    monkeypatch.setattr(act, "settle_due", pause.around(due.settle_due))
    return Crossing(world, sessions, people, pause)


async def test_moves_in_both_directions_at_once_do_not_deadlock(crossing: Crossing) -> None:
    assert await crossing.go() == [201, 201]
    assert not crossing.pause.checked_together
    assert [(await crossing.world.seats(session))["confirmed"] for session in crossing.sessions] == [1, 1]


async def test_control_with_the_locks_in_no_order_they_do(crossing: Crossing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act, "sorted", lambda ids: ids, raising=False)
    monkeypatch.setattr(act, "set", list, raising=False)
    assert 503 in await crossing.go()
    assert crossing.pause.checked_together


# --- everything at once ----------------------------------------------------------------------------------------------

CAPACITIES = (3, 5, 7)


async def test_whatever_happens_at_once_no_prefix_of_the_events_has_more_than_the_seats(world: World) -> None:
    random = Random(7)
    sessions = [
        await world.session(capacity, starts=NOW + (30 + 3 * number) * DAY)
        for number, capacity in enumerate(CAPACITIES)
    ]
    people = await world.several(20)
    answers: Counter[int] = Counter()

    async def act_at_random(seed: float) -> None:
        chance = Random(seed)
        for _ in range(12):
            session, person = chance.choice(sessions), chance.choice(people)
            answers[(await one_act(world, chance, session, person, sessions, people)).status_code] += 1

    await asyncio.gather(*(act_at_random(random.random()) for _ in range(5)))
    assert set(answers) <= {200, 201, 404, 409, 422}, answers
    for session, capacity in zip(sessions, CAPACITIES, strict=True):
        await assert_seats_hold(world, session, capacity)
    told = {name for session in sessions for name in await world.event_names(session)}
    assert told >= {"registration-cancelled", "registration-substituted", "registration-moved-out"}


async def one_act(
    world: World, chance: Random, session: str, person: str, sessions: list[str], people: list[str]
) -> httpx2.Response:
    listed = (await world.get("/booking/v1/registrations", session=session, limit=500))["items"]
    active = [each["id"] for each in listed if each["status"] in ("confirmed", "waitlisted")]
    if not active or chance.random() < 0.3:
        return await world.register(session, person, waitlist=chance.random() < 0.3)
    path = f"/booking/v1/registrations/{chance.choice(active)}"
    others = [each for each in sessions if each != session]
    verb, body = chance.choice(
        [
            ("cancel", {"reason": "work"}),
            ("substitute", {"staff": chance.choice(people)}),
            ("substitute", {"staff": chance.choice(people)}),
            ("move", {"session": chance.choice(others)}),
        ]
    )
    return await world.coordinator.post(f"{path}/{verb}", json=body)


async def assert_seats_hold(world: World, session: str, capacity: int) -> None:
    """Replays the events of a session: never more seated than fit, nobody twice, and the same end as the rows."""
    seated: dict[str, str] = {}
    for name, data in await world.events(session):
        if name == "registration-confirmed":
            assert data["participant_id"] not in seated.values()
            seated[data["registration_id"]] = data["participant_id"]
        elif name.startswith("registration-"):
            seated.pop(data["registration_id"], None)
        assert len(seated) <= capacity
    listed = await world.get("/booking/v1/registrations", session=session, status="confirmed", limit=500)
    assert set(seated) == {each["id"] for each in listed["items"]}
