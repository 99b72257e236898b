"""What the benchmark books: two municipalities' staff, one course, many sessions, entered through the public API."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import httpx2

from infra.bench.load import Call, post
from infra.bench.stack import BenchStack
from infra.demo import catalogue, payloads
from infra.demo.actors import Coordinator, Municipality
from infra.demo.people import Population
from infra.demo.plan import StaffRow
from infra.demo.workdays import at
from services.booking.staff.bodies import RowShown
from shared.clock import STOCKHOLM, SystemClock

BOOKER, CROWD = "1880", "1883"
COURSE = "HYG"
PEOPLE_PER_MUNICIPALITY = 900
SESSIONS = 40
SEATS = 1_000
CROWD_SESSIONS = 8
GROUP = 100


@dataclass(frozen=True)
class Scene:
    """Sessions and staff of the municipality whose single bookings are measured."""

    sessions: Sequence[UUID]
    staff: Sequence[RowShown]
    token: str

    def bookings(self) -> Iterator[Call]:
        """Every person on every session once: sessions alternate, so that neighbours do not share a lock."""
        for round_ in range(len(self.sessions)):
            for number, person in enumerate(self.staff):
                session = self.sessions[(number + round_) % len(self.sessions)]
                body = {"staff": [str(person.id)], "policy": "all", "waitlist": False}
                path = f"/booking/v1/sessions/{session}/registrations"
                yield post(path, body, self.token, label=f"{session}/{person.participant_id}")


def floor_bookings(sessions: Sequence[UUID], people: Sequence[UUID]) -> Iterator[Call]:
    """The same for the floor."""
    for round_ in range(len(sessions)):
        for number, person in enumerate(people):
            session = sessions[(number + round_) % len(sessions)]
            yield post("/bookings", {"session_id": str(session), "person_id": str(person)})


async def prepare(stack: BenchStack, client: httpx2.AsyncClient) -> tuple[Scene, list[UUID]]:
    """Enters the scene; returns also the staff of the crowd, who register in groups."""
    office = Coordinator(client, stack.token("coordinator"))
    await office.set_project(payloads.project())
    members = {member.code: member for member in catalogue.municipalities()}
    for code in (BOOKER, CROWD):
        await office.set_municipality(payloads.municipality(members[code]))
    course = next(one for one in catalogue.courses_of(catalogue.YEAR) if one.code == COURSE)
    await office.add_course(payloads.course(course))
    token = stack.token("municipality", BOOKER)
    staff = await _employ(Municipality(client, token), BOOKER, seed=1)
    crowd = await _employ(Municipality(client, stack.token("municipality", CROWD)), CROWD, seed=2)
    sessions = [await schedule(office, number) for number in range(SESSIONS)]
    return Scene(sessions, staff, token), [row.id for row in crowd if row.id is not None]


async def register_crowd(stack: BenchStack, client: httpx2.AsyncClient, crowd: Sequence[UUID]) -> int:
    """Thousands of registrations by groups: events for the consumers to work on. Returns how many."""
    office = Coordinator(client, stack.token("coordinator"))
    actor = Municipality(client, stack.token("municipality", CROWD))
    gate = asyncio.Semaphore(4)
    registered = 0

    async def fill(number: int) -> None:
        nonlocal registered
        async with gate:
            session = await schedule(office, SESSIONS + number)
            for start in range(0, len(crowd), GROUP):
                answer = await actor.register(session, crowd[start : start + GROUP], policy="any")
                registered += len(answer.results)

    await asyncio.gather(*(fill(number) for number in range(CROWD_SESSIONS)))
    return registered


async def _employ(actor: Municipality, code: str, seed: int) -> list[RowShown]:
    rng = random.Random(seed)
    population = Population(rng)
    nurse = next(title for title in catalogue.titles() if title.code == "assistant_nurse")
    template = StaffRow("", population.person("woman"), code, nurse, nurse.code, "Hemtjänsten", catalogue.PROJECT_FROM)
    rows = [replace(template, person=population.person("woman")) for _ in range(PEOPLE_PER_MUNICIPALITY)]
    imported = await actor.import_staff(payloads.staff_file(rows, dialect=0))
    return imported.rows


async def schedule(office: Coordinator, number: int, seats: int = SEATS) -> UUID:
    """Sessions never overlap: one each day, two hours, in the future and within the project."""
    day = _first_day() + timedelta(days=number)
    start = at(day.date(), 9)
    body = {
        "course": COURSE,
        "host_municipality": BOOKER,
        "venue": "Sal",
        "capacity": seats,
        "occasions": [
            {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=2)).isoformat(), "break_minutes": 0}
        ],
        "trainers": [],
        "cancellation_deadline": (start - timedelta(days=1)).isoformat(),
        "support": [],
    }
    return (await office.schedule(body)).id


def _first_day() -> datetime:
    return SystemClock().now().astimezone(STOCKHOLM) + timedelta(days=7)


def take(calls: Iterator[Call], count: int) -> list[Call]:
    """The next `count` calls."""
    return list(islice(calls, count))
