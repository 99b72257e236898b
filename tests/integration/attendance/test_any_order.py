"""The same marks and the same events of booking, in any order, any number of times, in batches of any size: the same
roll. Nothing that was marked is lost, and nobody has more minutes than were scheduled.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

import pytest

from shared.messaging.delivery import Event
from tests.support.school import NINE, School, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEEDS = range(12)
SAID = (
    {"status": "present"},
    {"status": "present", "minutes": 60},
    {"status": "present", "arrived_at": (NINE + timedelta(minutes=20)).isoformat()},
    {"status": "absent"},
    {"status": "absent", "absence_reason": "illness"},
)


@dataclass
class Sent:
    """A mark with what its phone says of itself: the clock is as wrong in every batch."""

    device: str
    clock: timedelta
    body: dict[str, Any]


def people_of(session: Session) -> list[UUID]:
    """Nobody stands on two of the sessions, which take place at the same time."""
    return [uuid5(session.id, f"person {n}") for n in range(6)]


def walk_in_of(session: Session) -> UUID:
    """The first of them came without a registration."""
    return uuid5(session.id, "walk-in")


class BusySession:
    """A session that is shortened, with people who come, go and walk in, and what three phones mark."""

    def __init__(self, school: School, seed: int) -> None:
        self.school = school
        self.seed = seed

    async def tell(self, arrival: int) -> tuple[Any, set[tuple[str, str]]]:
        """What the roll says, and what became of each mark, when all arrives in one of many ways."""
        school, chance = self.school, Random(f"{self.seed}/{arrival}")
        session = await school.session()
        events, marks = self.events(session), self.marks(session)
        work: list[Event | list[Sent]] = [*events, *(events if chance.random() < 0.5 else [])]
        copies = marks + chance.choices(marks, k=5)
        chance.shuffle(copies)
        while copies:
            size = chance.randint(1, 4)
            work.append(copies[:size])
            copies = copies[size:]
        chance.shuffle(work)
        for step in work:
            if isinstance(step, list):
                await self.send(session, step)
            else:
                await school.tell(step)
        return await self.roll(session), await self.standings(session)

    def events(self, session: Session) -> list[Event]:
        """Rescheduling keeps the day, so that a mark can be made before and after it."""
        school, [first, *others] = self.school, people_of(session)
        [occasion] = session.occasions
        told = [school.confirmed(session, person) for person in others]
        told.append(school.confirmed(session, first, walk_in_id=walk_in_of(session)))
        told += [school.cancelled(session, first), school.cancelled(session, others[0])]
        shorter = occasion.model_copy(update={"ends_at": NINE + timedelta(hours=2)})
        return [*told, school.rescheduled(session, shorter)]

    def marks(self, session: Session) -> list[Sent]:
        """The same for every arrival, but for the ids."""
        chance, people = Random(self.seed), people_of(session)
        clocks = {"phone": timedelta(), "tablet": timedelta(hours=-3), "desk": timedelta(days=1)}
        sent: list[Sent] = []
        for n in range(18):
            device = chance.choice(sorted(clocks))
            person, said = chance.choice(people), chance.choice(SAID)
            at = NINE + timedelta(minutes=n) + clocks[device]
            made: dict[str, Any] = {"marked_at": at.isoformat(), "mark_id": str(uuid5(session.id, str(n)))}
            body = {**mark(session, person), **said, "base_version": 0, **made}
            if person == people[0]:
                body = {**body, "walk_in_id": str(walk_in_of(session))}
                del body["participant_id"]
            sent.append(Sent(device, clocks[device], body))
        return sent

    async def send(self, session: Session, batch: list[Sent]) -> None:
        """A batch is one phone's: each sends its own part."""
        by_device: defaultdict[str, list[Sent]] = defaultdict(list)
        for sent in batch:
            by_device[sent.device].append(sent)
        for device, of_device in by_device.items():
            now = datetime.now(NINE.tzinfo) + of_device[0].clock
            bodies = [sent.body for sent in of_device]
            await self.school.post_marks(session, *bodies, device=device, device_time=now.isoformat())

    async def roll(self, session: Session) -> Any:
        """What counts for everybody, without ids and versions, and where a person has to decide."""
        roll = await self.school.roll(session)
        scheduled = roll["occasions"][0]["scheduled_minutes"]
        assert scheduled == 105
        assert all(shown["minutes"] <= scheduled for person in roll["people"] for shown in person["marks"])
        numbers = {str(person): number for number, person in enumerate(people_of(session))}
        said = {
            numbers[person["participant_id"]]: [
                (shown["status"], shown["minutes"], shown["absence_reason"], shown["marked_at"])
                for shown in person["marks"]
            ]
            for person in roll["people"]
        }
        return said, sorted(numbers[conflict["participant_id"]] for conflict in roll["conflicts"])

    async def standings(self, session: Session) -> set[tuple[str, str]]:
        rows = await self.school.origin.rows(
            "attendance", "select mark_id, standing from current_marks where session_id = $1", session.id
        )
        numbers = {uuid5(session.id, str(n)): str(n) for n in range(18)}
        return {(numbers[row["mark_id"]], row["standing"]) for row in rows}


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_same_marks_and_events_give_the_same_roll_however_they_arrive(school: School, seed: int) -> None:
    busy = BusySession(school, seed)
    first, *others = [await busy.tell(arrival) for arrival in range(4)]
    _, standings = first
    assert standings == {(str(n), "recorded") for n in range(18)}, "every mark is kept, and counts"
    for other in others:
        assert other == first


async def test_the_last_published_minutes_are_the_rolls(school: School) -> None:
    """Who follows the events alone comes to the same."""
    busy = BusySession(school, 99)
    session = await school.session()
    await asyncio.gather(*(school.tell(event) for event in busy.events(session)[:1]))
    work = busy.events(session)[1:]
    for event in work:
        await school.tell(event)
    for sent in busy.marks(session):
        await busy.send(session, [sent])
    told: dict[str, int] = {}
    for published in await school.published(session, "attendance-recorded", "attendance-corrected"):
        told[published["participant_id"]] = published["minutes"]
    roll = await school.roll(session)
    counts = {person["participant_id"]: sum(shown["minutes"] for shown in person["marks"]) for person in roll["people"]}
    assert {person: minutes for person, minutes in told.items() if minutes} == {
        person: minutes for person, minutes in counts.items() if minutes
    }
