"""The oversell race: two real clients, a forced pause after the check, and controls that fail without the locks."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import select

from services.booking.allocation import lock, promote, situation
from services.booking.registrations import register
from services.booking.reservations import reserve
from services.booking.sessions import check_trainers, schedule
from services.booking.trainers.tables import Trainer
from tests.integration.booking.racing import shared_world
from tests.support.answers import refused
from tests.support.booking_world import DAY, HOUR, NORA, NOW, OREBRO, World, booking_world, seats, session_body
from tests.support.databases import superuser_url
from tests.support.race import PauseAfterCheck
from tests.support.stack import Stack

__all__ = ["shared_world"]
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def pause(world: World, monkeypatch: pytest.MonkeyPatch) -> PauseAfterCheck:
    paused = PauseAfterCheck(world.origin, "booking")
    monkeypatch.setattr(register, "load_situation", paused.around(situation.load_situation))
    return paused


def without(monkeypatch: pytest.MonkeyPatch, taken: str, instead: str = "") -> None:
    """Takes a lock out of the statement that every registration begins with."""
    statement = lock.LOCK_WITH_PERSONS
    assert taken in statement
    monkeypatch.setattr(lock, "LOCK_WITH_PERSONS", statement.replace(taken, instead))


SESSION_LOCK = "FOR NO KEY UPDATE"
PERSON_LOCK = "pg_advisory_xact_lock($3, hashtext(CAST(participant_id AS text)))"


async def last_seat_for_two(world: World) -> tuple[str, list[str]]:
    """Two municipalities ask for the only seat at the same time; returns the session and what they got."""
    session = await world.session(1)
    people = [(code, await world.staff(code)) for code in (OREBRO, NORA)]
    answers = await asyncio.gather(
        *(world.outcomes(session, person, by=world.municipality(code)) for code, person in people)
    )
    return session, sorted(outcome for [outcome] in answers)


async def test_two_clients_never_get_the_same_last_seat(world: World, pause: PauseAfterCheck) -> None:
    session, outcomes = await last_seat_for_two(world)
    assert not pause.checked_together
    assert outcomes == ["confirmed", "waitlisted"]
    assert await world.seats(session) == seats(1, confirmed=1, waitlisted=1)


async def test_control_without_the_lock_of_the_session_both_get_it(
    world: World, pause: PauseAfterCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, SESSION_LOCK)
    session, outcomes = await last_seat_for_two(world)
    assert pause.checked_together
    assert outcomes == ["confirmed", "confirmed"]
    assert (await world.seats(session))["confirmed"] == 2


async def two_places_for_one(world: World) -> list[str]:
    """One person is registered on two sessions that overlap, at the same time; returns what became of it."""
    first, second = await world.session(), await world.session(starts=NOW + 30 * DAY + HOUR)
    person = await world.staff()
    answers = await asyncio.gather(*(world.outcomes(session, person) for session in (first, second)))
    return sorted(outcome for [outcome] in answers)


async def test_one_person_never_gets_two_places_at_the_same_time(world: World, pause: PauseAfterCheck) -> None:
    assert await two_places_for_one(world) == ["confirmed", "rejected"]
    assert not pause.checked_together


async def test_control_without_the_lock_of_the_person_both_places_are_given(
    world: World, pause: PauseAfterCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, PERSON_LOCK, instead="CAST($3 AS integer)")
    assert await two_places_for_one(world) == ["confirmed", "confirmed"]
    assert pause.checked_together


async def two_sessions_for_one_trainer(world: World) -> list[int]:
    """Two sessions at the same time name the same trainer; returns how the two requests were answered."""
    teacher = await world.trainer()
    request = session_body(10, NOW + 30 * DAY, trainers=[teacher])
    answers = await asyncio.gather(*(world.coordinator.post("/booking/v1/sessions", json=request) for _ in range(2)))
    return sorted(answer.status_code for answer in answers)


@pytest.fixture
def pause_of_trainers(world: World, monkeypatch: pytest.MonkeyPatch) -> PauseAfterCheck:
    paused = PauseAfterCheck(world.origin, "booking")
    monkeypatch.setattr(schedule, "check_trainers", paused.around(check_trainers.check_trainers))
    return paused


async def test_one_trainer_never_gets_two_sessions_at_the_same_time(
    world: World, pause_of_trainers: PauseAfterCheck
) -> None:
    assert await two_sessions_for_one_trainer(world) == [201, 409]
    assert not pause_of_trainers.checked_together


async def test_control_without_the_lock_of_the_trainer_both_sessions_are_made(
    world: World, pause_of_trainers: PauseAfterCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_trainers, "LOCK", select(Trainer))
    assert await two_sessions_for_one_trainer(world) == [201, 201]
    assert pause_of_trainers.checked_together


async def test_many_clients_at_once_fill_a_session_exactly(world: World) -> None:
    session = await world.session(3)
    people = await world.several(8)
    answers = await asyncio.gather(*(world.outcomes(session, person) for person in people))
    assert sorted(outcome for [outcome] in answers) == ["confirmed"] * 3 + ["waitlisted"] * 5
    positions = [(await world.registration(session, person))["position"] for person in people]
    assert sorted(position for position in positions if position) == [1, 2, 3, 4, 5]


async def test_two_cancellations_at_once_promote_two_persons_once_each(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await world.session(2)
    seated, waiting = await world.several(2), await world.several(3)
    await world.outcomes(session, *seated)
    await world.outcomes(session, *waiting, policy="any")
    pause = PauseAfterCheck(world.origin, "booking")
    monkeypatch.setattr(promote, "load_situation", pause.around(situation.load_situation))
    await asyncio.gather(*(world.cancel(session, person) for person in seated))
    assert not pause.checked_together
    assert await world.statuses(session, *waiting) == ["confirmed", "confirmed", "waitlisted"]
    promoted = [data for _, data in await world.events(session) if data.get("via") == "promotion"]
    assert len(promoted) == 2


async def test_a_lock_that_does_not_come_is_answered_with_retry_after(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KURSNAV_LOCK_TIMEOUT_MS", "50")
    async with booking_world(stack) as world:
        session, person = await world.session(), await world.staff()
        holder = await asyncpg.connect(superuser_url(stack.admin_url, world.origin.databases["booking"]))
        try:
            async with holder.transaction():
                await holder.execute("SELECT 1 FROM sessions WHERE id = $1 FOR UPDATE", session)
                answer = await world.register(session, person)
        finally:
            await holder.close()
        refused(answer, 503, "busy")
        assert answer.headers["Retry-After"] == "1"
        assert await world.outcomes(session, person) == ["confirmed"]


# --- reservations ----------------------------------------------------------------------------------------------------


async def last_seats_reserved_by_two(world: World) -> tuple[str, list[int]]:
    """Two municipalities reserve the only two seats at once; returns the session and how they were answered."""
    session = await world.session(2)
    body = {"seats": 2, "name_by": (NOW + DAY).isoformat()}
    path = f"/booking/v1/sessions/{session}/reservations"
    answers = await asyncio.gather(*(world.municipality(code).post(path, json=body) for code in (OREBRO, NORA)))
    return session, sorted(answer.status_code for answer in answers)


@pytest.fixture
def pause_of_reservations(world: World, monkeypatch: pytest.MonkeyPatch) -> PauseAfterCheck:
    paused = PauseAfterCheck(world.origin, "booking")
    monkeypatch.setattr(reserve, "load_situation", paused.around(situation.load_situation))
    return paused


async def test_two_municipalities_never_hold_the_same_seats(
    world: World, pause_of_reservations: PauseAfterCheck
) -> None:
    session, answers = await last_seats_reserved_by_two(world)
    assert not pause_of_reservations.checked_together
    assert answers == [201, 409]
    assert (await world.seats(session))["held"] == 2


async def test_control_without_the_lock_of_the_session_both_hold_them(
    world: World, pause_of_reservations: PauseAfterCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "LOCK", lock.READ)
    session, answers = await last_seats_reserved_by_two(world)
    assert pause_of_reservations.checked_together
    assert answers == [201, 201]
    assert (await world.seats(session))["held"] == 4
