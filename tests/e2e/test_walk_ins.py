"""A walk-in from the trainer's phone to the roll: marks made before booking knows who it was find their person.

Every message comes twice and every first attempt of a handler fails.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.answers import Json, answered, ok
from tests.support.booking_world import DAY, HOUR, NOW, OREBRO, World, client, personal_number
from tests.support.clock import FixedClock
from tests.support.services import running
from tests.support.stack import Stack

STARTS = NOW + DAY


@dataclass
class Morning:
    """A session that has begun, its trainer, and who is about to walk in."""

    world: World
    session: str
    trainer: httpx2.AsyncClient
    staff: str
    number: str

    async def mark(self, **fields: Any) -> str:
        """The outcome of a mark that says present."""
        roll = await self.roll()
        mark = {
            "mark_id": str(uuid4()),
            "occasion_id": roll["occasions"][0]["occasion_id"],
            "status": "present",
            "marked_at": self.world.clock.at.isoformat(),
            "base_version": roll["roll_version"],
            **fields,
        }
        body = {"device_id": str(uuid4()), "device_time": self.world.clock.at.isoformat(), "marks": [mark]}
        answer = answered(await self.trainer.post(f"/attendance/v1/sessions/{self.session}/marks", json=body))
        return str(answer["results"][0]["outcome"])

    async def roll(self) -> Json:
        return answered(await self.trainer.get(f"/attendance/v1/sessions/{self.session}/roll"))

    async def people(self) -> list[tuple[str, str, list[int]]]:
        """Who is on the roll: participant, registration, minutes."""
        people = (await self.roll())["people"]
        return [
            (each["participant_id"], each["registration"], [mark["minutes"] for mark in each["marks"]])
            for each in people
        ]

    async def post(self, path: str, **body: Any) -> Json:
        answer = await self.trainer.post(f"/booking/v1/sessions/{self.session}/{path}", json=body)
        return dict(ok(answer, 201))


@pytest.fixture
async def morning(stack: Stack) -> AsyncIterator[Morning]:
    clock = FixedClock(NOW)
    async with running(stack, ("booking", "attendance"), clock=clock) as origin:
        world = await World.made(origin, clock)
        teacher = {"name": "Ulla", "email": "ulla@example.se", "home_municipality": OREBRO}
        trainer = (await world.post("/booking/v1/trainers", teacher))["id"]
        session = await world.session(1, starts=STARTS, trainers=[trainer])
        await world.outcomes(session, await world.staff())
        number = personal_number(1000)
        staff = await world.staff(number=number)
        await origin.settled()
        clock.at = STARTS + HOUR
        yield Morning(world, session, client(origin, Role.TRAINER, trainer_id=trainer), staff, number)


async def test_marks_of_a_walk_in_wait_for_its_name_and_keep_it_whatever_becomes_of_the_registration(
    morning: Morning,
) -> None:
    walk_in, world = str(uuid4()), morning.world
    assert await morning.mark(walk_in_id=walk_in) == "held"
    taken = await morning.post("walk-ins", walk_in_id=walk_in, personal_number=morning.number)
    assert taken["state"] == "confirmed"
    assert await morning.post("walk-ins", walk_in_id=walk_in, personal_number=morning.number) == taken
    await world.origin.settled()
    person = (await world.registration(morning.session, morning.staff))["participant_id"]
    present = (person, "confirmed", [420])
    assert present in await morning.people()
    await world.cancel(morning.session, morning.staff)
    await world.origin.settled()
    assert (person, "cancelled", [420]) in await morning.people()  # there all the same
    assert await morning.mark(walk_in_id=walk_in) == "accepted"
    assert [each for each in await morning.people() if each[0] == person] == [(person, "cancelled", [420])]


async def test_a_mark_made_for_the_person_and_one_for_the_walk_in_are_one_hour(morning: Morning) -> None:
    walk_in, world = str(uuid4()), morning.world
    noted = await morning.post("walk-ins", walk_in_id=walk_in, name="Kim")
    assert noted["state"] == "to-identify"
    assert await morning.mark(walk_in_id=walk_in) == "held"
    path = f"/booking/v1/walk-ins/{noted['id']}/identify"
    answered(await world.coordinator.post(path, json={"staff": morning.staff}))
    await world.origin.settled()
    registration = await world.registration(morning.session, morning.staff)
    assert await morning.mark(participant_id=registration["participant_id"]) == "accepted"
    counted = [each for each in await morning.people() if each[0] == registration["participant_id"]]
    assert counted == [(registration["participant_id"], "confirmed", [420])]
