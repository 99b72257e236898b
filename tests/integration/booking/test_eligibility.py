"""Who may be registered on what: eligibility over HTTP, on a real database, and what attendance tells about it."""

from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from services.booking.consumers import take_attested_roll, take_reopened_roll
from shared.contracts.attendance_v1 import AttestedMinutes, RollAttested, RollReopened
from shared.contracts.registry import EventData
from shared.messaging.delivery import Event
from tests.support.answers import refused
from tests.support.booking_world import DAY, HOUR, NORA, NOW, OREBRO, World, personal_number
from tests.support.events import delivered

START = NOW + 30 * DAY
pytestmark = pytest.mark.asyncio(loop_scope="module")


# --- eligibility -----------------------------------------------------------------------------------------------------


async def refusal_of(world: World, session: str, person: str, **fields: Any) -> str:
    answer = await world.register(session, person, **fields)
    assert answer.status_code == 201, answer.text
    [result] = answer.json()["results"]
    name: str = result["problem"]["type"].rpartition("/")[2]
    return name


async def test_nobody_is_registered_twice_on_a_session(world: World) -> None:
    session, person = await world.session(), await world.staff()
    await world.outcomes(session, person)
    assert await refusal_of(world, session, person) == "already-registered"


async def test_two_employments_are_one_person(world: World) -> None:
    number = personal_number(800)
    here, there = await world.staff(OREBRO, number=number), await world.staff(NORA, number=number)
    session = await world.session()
    assert await world.outcomes(session, here, there, policy="any") == ["confirmed", "rejected"]


@pytest.mark.parametrize("capacity", [1, 10])
async def test_nobody_is_registered_or_waits_at_two_places_at_once(world: World, capacity: int) -> None:
    session, same_time = await world.session(capacity), await world.session(starts=START + 7 * HOUR)
    afterwards = await world.session(starts=START + 8 * HOUR)
    person = await world.staff()
    if capacity == 1:
        await world.outcomes(session, await world.staff())
    await world.outcomes(session, person)
    assert await refusal_of(world, same_time, person) == "overlapping-registration"
    assert await world.outcomes(afterwards, person) == ["confirmed"]


async def test_the_employment_is_in_force_on_the_sessions_first_day(world: World) -> None:
    person = await world.staff(valid_to=(START - DAY).date().isoformat())
    assert await refusal_of(world, await world.session(), person) == "not-employed-then"


async def test_titles_narrow_the_target_group(world: World) -> None:
    await world.course("STOD", ["base"], titles=["support_assistant"])
    session = await world.session(course="STOD")
    assert await refusal_of(world, session, await world.staff()) == "not-in-target-group"
    assert await world.outcomes(session, await world.staff(title="support_assistant")) == ["confirmed"]


async def test_a_prerequisite_is_booked_before_or_missing(world: World) -> None:
    before, session = await world.session(starts=START - DAY), await world.session(course="TR2")
    person = await world.staff()
    assert await refusal_of(world, session, person) == "prerequisite-missing"
    await world.outcomes(before, person)
    assert await world.outcomes(session, person) == ["confirmed"]


async def test_a_coordinator_overrides_with_a_reason_that_is_kept(world: World) -> None:
    session, person = await world.session(course="TR2"), await world.staff()
    assert await world.outcomes(session, person, override={"reason": "Har gått den i Umeå"}) == ["confirmed"]
    assert (await world.registration(session, person))["override_reason"] == "Har gått den i Umeå"
    overlapping = await world.session(course="TR2")
    refused = await refusal_of(world, overlapping, person, override={"reason": "Vill ändå"})
    assert refused == "overlapping-registration"


async def test_a_municipality_may_not_override(world: World) -> None:
    session, person = await world.session(), await world.staff(NORA)
    answer = await world.register(session, person, by=world.municipality(NORA), override={"reason": "Vi vill"})
    refused(answer, 403, "coordinator-only")


async def test_the_coordinator_overrides_the_opening_time_too(world: World) -> None:
    session = await world.session(registration_opens_at=(NOW + DAY).isoformat())
    person = await world.staff()
    assert await world.outcomes(session, person, override={"reason": "Pilotgrupp"}) == ["confirmed"]


async def test_where_else_a_person_is_booked_is_told_only_to_whoever_may_see_it(world: World) -> None:
    number = personal_number(801)
    here, there = await world.staff(OREBRO, number=number), await world.staff(NORA, number=number)
    first, second = await world.session(), await world.session(starts=START + HOUR)
    await world.outcomes(first, here)

    async def refusals(by: httpx2.AsyncClient) -> list[str]:
        answers = [await world.register(second, there, by=by, waitlist=each) for each in (True, False)]
        assert all("overlapping-registration" in answer.text for answer in answers)
        return [answer.text for answer in answers]

    named = f"Kurs TR1 {START:%Y-%m-%d}"
    assert not any(named in text for text in await refusals(world.municipality(NORA)))
    assert all(named in text for text in await refusals(world.coordinator))


async def test_the_second_of_two_employments_counts_when_the_first_may_not(world: World) -> None:
    number = personal_number(802)
    ended = await world.staff(OREBRO, number=number, valid_to=(START - DAY).date().isoformat())
    there = await world.staff(NORA, number=number)
    session = await world.session()
    assert await world.outcomes(session, ended, there, policy="any") == ["rejected", "confirmed"]


async def test_a_session_that_lies_outside_the_project_takes_nobody(world: World) -> None:
    session, person = await world.session(), await world.staff()
    statement = "UPDATE sessions SET starts_at = $2, ends_at = $3 WHERE id = $1"
    far = NOW + 600 * DAY  # the project ended meanwhile: its period was shortened
    await world.origin.rows("booking", statement, UUID(session), far, far + 8 * HOUR)
    refused(await world.register(session, person), 409, "outside-project")


async def test_registrations_are_taken_from_the_opening_until_the_start(world: World) -> None:
    session = await world.session(registration_opens_at=(NOW + DAY).isoformat())
    person, other = await world.several(2)
    refused(await world.register(session, person), 409, "registration-not-open")
    world.clock.advance(DAY)
    assert await world.outcomes(session, person) == ["confirmed"]
    world.clock.at = START
    refused(await world.register(session, other), 409, "session-started")
    assert await world.outcomes(session, other, at=START - DAY) == ["confirmed"]


# --- what attendance tells -------------------------------------------------------------------------------------------


def told(session: str, sequence: int, data: EventData) -> Event:
    return delivered(type(data), data, key=session, sequence=sequence, at=START)


async def attested(world: World, session: str, sequence: int, **minutes: int) -> None:
    """A sealed roll of one occasion with these minutes by participant."""
    occasion = uuid4()
    lines = tuple(
        AttestedMinutes(
            participant_id=UUID(person), occasion_id=occasion, minutes=each, scheduled_minutes=420, excused=False
        )
        for person, each in minutes.items()
    )
    data = RollAttested(roll_version=sequence, sealed_hash="h", attested_by="t", minutes=lines)
    async with world.origin.services["booking"].units.system() as unit:
        await take_attested_roll(unit, told(session, sequence, data))


async def test_attested_minutes_decide_about_the_prerequisite_as_soon_as_they_are_there(world: World) -> None:
    before = await world.session(starts=NOW - 30 * DAY, at=NOW - 60 * DAY)
    enough, too_few = await world.several(2)
    await world.outcomes(before, enough, too_few, at=NOW - 50 * DAY)
    ids = [(await world.registration(before, each))["participant_id"] for each in (enough, too_few)]
    await attested(world, before, 2, **{ids[0]: 336, ids[1]: 335})
    session = await world.session(course="TR2")
    assert await world.outcomes(session, enough, too_few, policy="any") == ["confirmed", "rejected"]
    await attested(world, before, 1, **{ids[1]: 420})  # older than what was applied: ignored
    assert await refusal_of(world, session, too_few) == "prerequisite-missing"
    await attested(world, before, 3, **{ids[0]: 336, ids[1]: 420})
    assert await world.outcomes(session, too_few) == ["confirmed"]


async def test_who_is_not_on_the_attested_roll_of_a_prerequisite_has_not_taken_it(world: World) -> None:
    before = await world.session(starts=NOW - 30 * DAY, at=NOW - 60 * DAY)
    person, other = await world.several(2)
    await world.outcomes(before, person, other, at=NOW - 50 * DAY)
    there = (await world.registration(before, other))["participant_id"]
    await attested(world, before, 1, **{there: 420})
    assert await refusal_of(world, await world.session(course="TR2"), person) == "prerequisite-missing"


async def test_who_came_all_the_same_has_not_cancelled_late(world: World) -> None:
    session = await world.session()
    came, stayed = await world.several(2)
    await world.outcomes(session, came, stayed)
    world.clock.at = START - DAY
    await world.cancel(session, came)
    await world.cancel(session, stayed)
    ids = [(await world.registration(session, each))["participant_id"] for each in (came, stayed)]
    await attested(world, session, 1, **{ids[0]: 420, ids[1]: 0})

    async def shown(person: str) -> tuple[bool, bool]:
        cancelled = (await world.registration(session, person))["cancelled"]
        return cancelled["late"], cancelled["attended"]

    assert await shown(came) == (False, True)
    assert await shown(stayed) == (True, False)
    async with world.origin.services["booking"].units.system() as unit:
        await take_reopened_roll(unit, told(session, 2, RollReopened(reason_code="other")))
    assert await shown(came) == (True, False)


async def test_a_no_show_is_known_until_the_roll_is_reopened(world: World) -> None:
    session = await world.session(starts=NOW - 30 * DAY, at=NOW - 60 * DAY)
    person = await world.staff()
    await world.outcomes(session, person, at=NOW - 50 * DAY)
    participant = (await world.registration(session, person))["participant_id"]
    await attested(world, session, 1, **{participant: 0})
    statement = "SELECT no_show FROM attended WHERE session_id = $1"
    assert await world.origin.rows("booking", statement, UUID(session)) == [{"no_show": True}]
    async with world.origin.services["booking"].units.system() as unit:
        await take_reopened_roll(unit, told(session, 2, RollReopened(reason_code="other")))
    assert await world.origin.rows("booking", statement, UUID(session)) == []
