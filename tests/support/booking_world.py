"""A small project in a running booking service: made through its HTTP API, with short words for what tests do."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx2

from shared.security.roles import Role
from tests.support.clock import FixedClock
from tests.support.services import Origin, api
from tests.support.stack import Stack

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""The present of these tests; sessions lie after it."""
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
OREBRO, NORA, HALLEFORS = "1880", "1884", "1863"
ORG_NUMBERS = {OREBRO: "212000-1967", NORA: "212000-2007", HALLEFORS: "212000-1942"}

Json = dict[str, Any]


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
        await world._project(settings)
        for code, org_number in ORG_NUMBERS.items():
            body = {"name": code, "org_number": org_number, "employees": 100}
            await world.put(f"/booking/v1/municipalities/{code}", body)
        await world.course("TR1", ["base", "other"])
        await world.course("TR2", ["base", "other"], requires=["TR1"])
        await world.course("PALS", ["licensed"])
        return world

    async def _project(self, settings: Json) -> None:
        body = {
            "name": "Kompetensnavet",
            "period": {"from": "2025-01-01", "to": "2027-06-30"},
            "grant": "23731055",
            "commitment_minutes": 2_520_000,
            "settings": [{"key": key, "value": value, "valid_from": "2025-01-01"} for key, value in settings.items()],
        }
        await self.put("/booking/v1/project", body)

    def municipality(self, code: str) -> httpx2.AsyncClient:
        """A client of this municipality."""
        return client(self.origin, Role.MUNICIPALITY, municipality=code)

    async def put(self, path: str, body: Json) -> Json:
        return answered(await self.coordinator.put(path, json=body))

    async def post(self, path: str, body: Json, *, at: datetime | None = None) -> Json:
        headers = {"Kursnav-Occurred-At": at.isoformat()} if at else {}
        return answered(await self.coordinator.post(path, json=body, headers=headers))

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
        headers = {"Kursnav-Occurred-At": at.isoformat()} if at else {}
        body = {"staff": list(staff), **fields}
        return await (by or self.coordinator).post(
            f"/booking/v1/sessions/{session}/registrations", json=body, headers=headers
        )

    async def outcomes(self, session: str, *staff: str, **fields: Any) -> list[str]:
        """What became of each person of a request that is answered 201."""
        answer = await self.register(session, *staff, **fields)
        assert answer.status_code == 201, answer.text
        results = answer.json()["results"]
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
        registration = await self.registration(session, staff)
        return await self.post(f"/booking/v1/registrations/{registration['id']}/cancel", {"reason": reason}, at=at)

    async def seats(self, session: str) -> Json:
        seats: Json = (await self.get(f"/booking/v1/sessions/{session}"))["seats"]
        return seats

    async def patch(self, session: str, **fields: Any) -> httpx2.Response:
        """An edit in the present revision."""
        seen = await self.coordinator.get(f"/booking/v1/sessions/{session}")
        headers = {"If-Match": seen.headers["ETag"]}
        return await self.coordinator.patch(f"/booking/v1/sessions/{session}", json=fields, headers=headers)

    async def queue(self, session: str, client: httpx2.AsyncClient | None = None) -> Json:
        return answered(await (client or self.coordinator).get(f"/booking/v1/sessions/{session}/queue"))

    async def events(self, key: str) -> list[tuple[str, Json]]:
        """What was published under a key, in order: the short name of the type, and the data."""
        rows = await self.origin.rows(
            "booking", "SELECT headers, value FROM outbox WHERE key = $1 ORDER BY sequence", str(key)
        )
        return [(_name(row["headers"]), _data(row["value"])) for row in rows]

    async def event_names(self, key: str) -> list[str]:
        return [name for name, _ in await self.events(key)]


@asynccontextmanager
async def booking_world(stack: Stack, **settings: Any) -> AsyncIterator[World]:
    """A project with these settings in a booking service of its own, at `NOW`."""
    clock = FixedClock(NOW)
    async with api(stack, "booking", clock=clock) as origin:
        yield await World.made(origin, clock, **settings)


def client(origin: Origin, *roles: Role, **claims: Any) -> httpx2.AsyncClient:
    """A client whose token is valid at every time that a test's clock may show."""
    return origin.client(*roles, iat=0, exp=int((NOW + 3650 * DAY).timestamp()), **claims)


def _name(headers: str) -> str:
    kind: str = json.loads(headers)["ce_type"]
    return kind.split(".")[3]


def _data(value: bytes) -> Json:
    data: Json = json.loads(value)
    return data


def answered(answer: httpx2.Response) -> Json:
    """The body of an answer that is not a refusal."""
    assert answer.status_code < 300, answer.text
    body: Json = answer.json()
    return body


def problem(answer: httpx2.Response) -> tuple[int, str]:
    """Status and name of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


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


def personal_number(serial: int) -> str:
    """A well-formed personal number of a person born in 1980: 990 a day."""
    day = datetime(1980, 1, 1, tzinfo=UTC) + (serial // 990) * DAY
    nine = f"{day:%y%m%d}{serial % 990 + 1:03d}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    check = -sum(value // 10 + value % 10 for value in doubled) % 10
    return f"19{nine}{check}"
