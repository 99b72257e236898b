"""A small project in a running booking service: made through its HTTP API, with short words for what tests do."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import httpx2

from shared.clock import day_start
from shared.security.personal_numbers import check_digit
from shared.security.roles import Role
from tests.support.answers import Json, answered, if_match, ok
from tests.support.clock import FixedClock
from tests.support.services import Origin, api
from tests.support.stack import Stack

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""The present of these tests; sessions lie after it."""
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
OREBRO, NORA, HALLEFORS = "1880", "1884", "1863"
MUNICIPALITIES: dict[str, Json] = {
    NORA: {"code": NORA, "name": "Nora", "org_number": "212000-2007", "employees": 460},
    OREBRO: {"code": OREBRO, "name": "Örebro", "org_number": "212000-1967", "employees": 5600},
    HALLEFORS: {"code": HALLEFORS, "name": "Hällefors", "org_number": "212000-1942", "employees": 100},
}
PROJECT = {
    "name": "Kompetensnavet",
    "period": {"from": "2025-01-01", "to": "2027-06-30"},
    "grant": "23731055.00",
    "commitment_minutes": 2_520_000,
    "settings": [{"key": "breaks", "value": "unpaid", "valid_from": "2025-01-01"}],
}
TITLES = [
    {"title": "care_assistant", "title_sv": "Vårdbiträde", "category": "other", "step": 2, "required_courses": []},
    {"title": "assistant_nurse", "title_sv": "Undersköterska", "category": "base", "step": 3, "required_courses": []},
]
MAJA = {
    "personal_number": "19811218-9876",
    "given_name": "Maja",
    "family_name": "Ek",
    "email": "maja.ek@nora.example",
    "phone": "070-174 06 05",
    "manager_email": "chef@nora.example",
    "workplace": "Hagby ängar",
    "title": "Undersköterska",
    "category": "base",
    "municipality": NORA,
}


@dataclass
class World:
    """A project with three municipalities and the courses TR1, TR2 (after TR1) and PALS (licensed staff only)."""

    origin: Origin
    clock: FixedClock
    coordinator: httpx2.AsyncClient
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    async def made(cls, origin: Origin, clock: FixedClock, **settings: Any) -> "World":
        world = cls(origin, clock, client(origin, Role.COORDINATOR))
        values = [{"key": key, "value": value, "valid_from": "2025-01-01"} for key, value in settings.items()]
        await enter_project(world.coordinator, {**PROJECT, "settings": values}, *MUNICIPALITIES)
        await world.course("TR1", ["base", "other"])
        await world.course("TR2", ["base", "other"], requires=["TR1"])
        await world.course("PALS", ["licensed"])
        return world

    def municipality(self, code: str) -> httpx2.AsyncClient:
        """A client of this municipality."""
        return client(self.origin, Role.MUNICIPALITY, municipality=code)

    async def post(self, path: str, body: Json, *, at: datetime | None = None) -> Json:
        return answered(await self.coordinator.post(path, json=body, headers=entered(at)))

    async def get(self, path: str, **query: Any) -> Json:
        return answered(await self.coordinator.get(path, params=query))

    async def course(self, code: str, categories: Sequence[str], **fields: Any) -> Json:
        body = {"code": code, "title": f"Kurs {code}", "duration_minutes": 420, "categories": list(categories)}
        return await self.post("/booking/v1/courses", {**body, **fields})

    async def staff(self, municipality: str = OREBRO, *, number: str | None = None, **fields: Any) -> str:
        """The staff id of a new employment."""
        body = {
            "personal_number": number or personal_number(next(self._numbers)),
            "given_name": "Förnamn",
            "family_name": "Efternamn",
            "email": "person@example.se",
            "workplace": "Solgården",
            "title": "assistant_nurse",
            "category": "base",
            "municipality": municipality,
        }
        answer = await self.post("/booking/v1/staff", {**body, **fields})
        return str(answer["id"])

    async def trainer(self, *qualifications: str, since: str = "2025-02-01", **fields: Any) -> str:
        """The id of a new trainer with these qualifications."""
        held = [{"code": code, "obtained_on": since} for code in qualifications]
        body = {"name": "Ulla", "email": "ulla@example.se", "home_municipality": OREBRO, "qualifications": held}
        return str((await self.post("/booking/v1/trainers", {**body, **fields}))["id"])

    async def several(self, number: int, municipality: str = OREBRO) -> list[str]:
        return [await self.staff(municipality) for _ in range(number)]

    async def session(
        self, capacity: int = 10, *, starts: datetime = NOW + 30 * DAY, at: datetime | None = None, **fields: Any
    ) -> str:
        """The id of a new session of TR1, seven hours with an hour's break."""
        answer = await self.post("/booking/v1/sessions", session_body(capacity, starts, **fields), at=at)
        return str(answer["id"])

    async def register(
        self, session: str, *staff: str, at: datetime | None = None, by: httpx2.AsyncClient | None = None, **fields: Any
    ) -> httpx2.Response:
        path = f"/booking/v1/sessions/{session}/registrations"
        return await (by or self.coordinator).post(path, json={"staff": list(staff), **fields}, headers=entered(at))

    async def outcomes(self, session: str, *staff: str, **fields: Any) -> list[str]:
        """What became of each person of a request that is answered 201."""
        results = ok(await self.register(session, *staff, **fields), 201)["results"]
        assert [result["staff"] for result in results] == list(staff)
        return [result["outcome"] for result in results]

    async def registration(self, session: str, staff: str) -> Json:
        """The latest registration of a person on a session."""
        listed = await self.get("/booking/v1/registrations", session=session, staff=staff)
        found: Json = listed["items"][-1]
        return found

    async def statuses(self, session: str, *staff: str) -> list[str]:
        return [(await self.registration(session, each))["status"] for each in staff]

    async def cancel(self, session: str, staff: str, reason: str = "work", *, at: datetime | None = None) -> Json:
        return answered(await self.act(session, staff, "cancel", {"reason": reason}, at=at))

    async def act(
        self,
        session: str,
        staff: str,
        verb: str,
        body: Json,
        *,
        by: httpx2.AsyncClient | None = None,
        at: datetime | None = None,
    ) -> httpx2.Response:
        """The answer to an act on the latest registration of a person."""
        path = f"/booking/v1/registrations/{(await self.registration(session, staff))['id']}/{verb}"
        return await (by or self.coordinator).post(path, json=body, headers=entered(at))

    async def substitute(self, session: str, staff: str, by_staff: str, **options: Any) -> httpx2.Response:
        return await self.act(session, staff, "substitute", {"staff": by_staff}, **options)

    async def substituted(self, session: str, staff: str, by_staff: str, **options: Any) -> Json:
        """The new registration after a substitution."""
        return answered(await self.substitute(session, staff, by_staff, **options))

    async def move(self, session: str, staff: str, to: str, **options: Any) -> httpx2.Response:
        return await self.act(session, staff, "move", {"session": to}, **options)

    async def moved(self, session: str, staff: str, to: str, **options: Any) -> Json:
        """The new registration after a move."""
        return answered(await self.move(session, staff, to, **options))

    async def seats(self, session: str) -> Json:
        seats: Json = (await self.get(f"/booking/v1/sessions/{session}"))["seats"]
        return seats

    async def patch(self, session: str, **fields: Any) -> httpx2.Response:
        """An edit in the present revision."""
        seen = await self.coordinator.get(f"/booking/v1/sessions/{session}")
        return await self.coordinator.patch(f"/booking/v1/sessions/{session}", json=fields, headers=if_match(seen))

    async def queue(self, session: str, client: httpx2.AsyncClient | None = None) -> Json:
        return answered(await (client or self.coordinator).get(f"/booking/v1/sessions/{session}/queue"))

    async def events(self, key: str) -> list[tuple[str, Json]]:
        """What was published under a key, in order: the short name of the type, and the data."""
        return [(event.name, event.fields) for event in await self.origin.outbox("booking", "key = $1", str(key))]

    async def event_names(self, key: str) -> list[str]:
        return [name for name, _ in await self.events(key)]

    async def support_needs(self, registration: str) -> list[str]:
        """What became of a registration's support needs on the encrypted topic: noted, erased."""
        events = await self.origin.outbox("booking", "key = $1", f"support/{registration}")
        return ["erased" if event.data is None else "noted" for event in events]

    async def audit_of(self, registration: str) -> list[Json]:
        """The audit of a registration, newest first."""
        found: list[Json] = (await self.get("/booking/v1/audit", target=f"registration/{registration}"))["items"]
        return found


@asynccontextmanager
async def booking_world(stack: Stack, **settings: Any) -> AsyncIterator[World]:
    """A project with these settings in a booking service of its own, at `NOW`."""
    clock = FixedClock(NOW)
    async with api(stack, "booking", clock=clock) as origin:
        yield await World.made(origin, clock, **settings)


def client(origin: Origin, *roles: Role, **claims: Any) -> httpx2.AsyncClient:
    """A client whose token is valid at every time that a test's clock may show."""
    return origin.client(*roles, iat=0, exp=int((NOW + 3650 * DAY).timestamp()), **claims)


async def enter_register(origin: Origin) -> httpx2.AsyncClient:
    """The project, Nora, Örebro and the titles; returns the coordinator's client."""
    office = origin.client(Role.COORDINATOR)
    await enter_project(office, PROJECT, NORA, OREBRO)
    ok(await office.put("/booking/v1/titles", json=TITLES), 201)
    return office


async def enter_project(office: httpx2.AsyncClient, project: Json, *municipalities: str) -> None:
    ok(await office.put("/booking/v1/project", json=project), 201)
    for code in municipalities:
        ok(await office.put(f"/booking/v1/municipalities/{code}", json=MUNICIPALITIES[code]), 201)


def entered(at: datetime | None) -> dict[str, str]:
    """The header of what happened then and is entered now."""
    return {"Kursnav-Occurred-At": at.isoformat()} if at else {}


def seats(capacity: int, *, confirmed: int = 0, free: int = 0, bookable: int = 0, waitlisted: int = 0) -> Json:
    """The seats of a session as they are shown."""
    counts = {"confirmed": confirmed, "held": 0, "free": free, "bookable": bookable, "waitlisted": waitlisted}
    return {"capacity": capacity, **counts}


def session_body(capacity: int, starts: datetime, **fields: Any) -> Json:
    body = {
        "course": "TR1",
        "host_municipality": OREBRO,
        "venue": "Konserthuset",
        "capacity": capacity,
        "occasions": [occasion(starts)],
        "cancellation_deadline": (starts - 7 * DAY).isoformat(),
    }
    return {**body, **fields}


def occasion(starts: datetime, *, hours: float = 8, break_minutes: int = 60, **fields: Any) -> Json:
    ends = starts + hours * HOUR
    return {"starts_at": starts.isoformat(), "ends_at": ends.isoformat(), "break_minutes": break_minutes, **fields}


def evening_before(day: date) -> Json:
    """Two hours until the midnight on which a day begins: nothing of that day."""
    return occasion(day_start(day) - 2 * HOUR, hours=2, break_minutes=0)


def personal_number(person: int) -> str:
    """The personal number of the n-th person: valid, and never given to anyone (birth numbers from 980)."""
    nine = f"{date(1980, 1, 1) + timedelta(days=person // 20):%y%m%d}{980 + person % 20}"
    return f"19{nine}{check_digit(nine)}"
