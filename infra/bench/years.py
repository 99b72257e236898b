"""Years of a county as facts: a table of a million rows without the hours that it would take to live them.

What a year holds is that of the demo's data set, ten times over: its people, sessions, marks, signed months, answers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json

from services.reporting.facts.natural_key import natural_key
from services.reporting.facts.record import insert
from shared.contracts import attendance_v1, booking_v1, catalogue_v1, participants_v1, signatures_v1, surveys_v1
from shared.contracts.registry import EventData
from shared.database.unit_of_work import Unit, Units

LAST_YEAR: Final = 2025
PEOPLE: Final = 1_834
SESSIONS: Final = 600
SEATS: Final = 20
MINUTES: Final = 180
PER_YEAR: Final = 35_000
"""About this many facts make a year."""
MUNICIPALITIES: Final = tuple(str(code) for code in range(1880, 1892))
TITLES: Final = (("assistant_nurse", "base"), ("nurse", "licensed"), ("manager", "other"))
BATCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Made:
    """One event of the years."""

    contract: type[EventData]
    key: str
    sequence: int
    at: datetime
    data: dict[str, Any]


async def fill(units: Units, years: int, version: int = 1, last: int = LAST_YEAR, sessions: int = SESSIONS) -> int:
    """Records the facts of that many years, the `last` one last, with the statement that always records them; returns
    how many.
    """
    count = 0
    batch: list[Made] = []
    for made in everything(years, last, sessions):
        batch.append(made)
        if len(batch) == BATCH:
            await _record(units, batch, count, version)
            count, batch = count + len(batch), []
    if batch:
        await _record(units, batch, count, version)
    return count + len(batch)


async def _record(units: Units, batch: list[Made], offset: int, version: int) -> None:
    async with units.system() as unit:
        await record(unit, batch, offset, version)


async def record(unit: Unit, batch: list[Made], offset: int, version: int = 1) -> None:
    """Inserts made events as one partition would bring them."""
    rows = [_row(made, offset + number) for number, made in enumerate(batch)]
    await insert(unit, {name: [row[name] for row in rows] for name in rows[0]}, version)


def _row(made: Made, offset: int) -> dict[str, Any]:
    ids = UUID(int=random.getrandbits(128), version=4)  # no secret
    return {
        "event_id": ids,
        "type": made.contract.ce_type,
        "topic": made.contract.topic.name,
        "partition": 0,
        "offset": offset,
        "key": made.key,
        "natural_key": natural_key(made.contract.ce_type, made.key, ids, made.data),
        "sequence": made.sequence,
        "occurred_at": made.at,
        "recorded_at": made.at,
        "data": to_json(made.data).decode(),
    }


def everything(years: int, last: int = LAST_YEAR, sessions: int = SESSIONS) -> Iterator[Made]:
    """`sessions`: of a year."""
    rng = random.Random(1)  # the same years every time
    first = last - years + 1
    start = datetime(first, 1, 1, 8, tzinfo=UTC)
    yield Made(catalogue_v1.ProjectChanged, "project/project", 1, start, _project(first, last))
    for code in MUNICIPALITIES:
        promised = [{"minutes": 6_000_000, "employees": 900, "valid_from": f"{first}-01-01"}]
        data = {"code": code, "name": code, "commitments": promised}
        yield Made(catalogue_v1.MunicipalityChanged, f"municipality/{code}", 1, start, data)
    staff: list[Employee] = []
    for year in range(first, last + 1):
        staff = staff[PEOPLE // 2 :] + [Employee(rng) for _ in range(PEOPLE if not staff else PEOPLE // 2)]
        yield from (one.changed(year, datetime(year, 1, 1, 8, tzinfo=UTC)) for one in staff)
        for number in range(sessions):
            yield from session(rng, date(year, 1, 7) + timedelta(days=number * 350 // sessions), staff)


def session(rng: random.Random, day: date, staff: list[Employee]) -> Iterator[Made]:
    """Booked, given, marked, sealed; half of those there sign, some answer."""
    id_, occasion = _id(rng), _id(rng)
    starts = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    state = _session(id_, occasion, starts, rng)
    before = starts - timedelta(days=30)
    people = rng.sample(staff, SEATS)
    yield Made(booking_v1.SessionScheduled, id_, 1, before, state)
    for number, one in enumerate(people, 2):
        data = {"registration_id": _id(rng), "session_id": id_, "via": "single"} | one.registered()
        yield Made(booking_v1.RegistrationConfirmed, id_, number, before, data)
    there = [(one, MINUTES if rng.random() < 0.9 else 0) for one in people]
    lines = [_line(one, occasion, minutes) for one, minutes in there]
    for number, line in enumerate(lines, 1):
        yield Made(attendance_v1.AttendanceRecorded, id_, number, starts, {**line, "mark_id": _id(rng), **_MARK})
    sealed = {"roll_version": 1, "sealed_hash": "0" * 64, "attested_by": "t", "minutes": lines}
    yield Made(attendance_v1.RollAttested, id_, SEATS + 1, starts, sealed)
    for one, minutes in there[: SEATS // 2]:
        item = {"session_id": id_, "occasion_id": occasion, "minutes": minutes}
        yield one.signed(f"{day:%Y-%m}", item, starts)
    asked = {"survey": "participant", "audience": "participant"}
    yield Made(surveys_v1.SurveySent, id_, 1, starts, asked | {"invited": SEATS})
    for number in range(2, 5):
        answers = {"helped": rng.choice(("high", "low")), "confidence": rng.randint(1, 5)}
        yield Made(surveys_v1.SurveyAnswered, id_, number, starts, asked | {"version": 1, "answers": answers})


class Employee:
    def __init__(self, rng: random.Random) -> None:
        self.id, self.employment_id = _id(rng), _id(rng)
        self.municipality, (self.title, self.category) = rng.choice(MUNICIPALITIES), rng.choice(TITLES)
        self.born, self.gender = rng.randint(1960, 2000), rng.choice(("woman", "woman", "woman", "man"))
        self._signed: dict[str, list[dict[str, Any]]] = {}
        self._sequence = 0

    def changed(self, year: int, at: datetime) -> Made:
        employment = {
            "employment_id": self.employment_id,
            "municipality": self.municipality,
            "title": self.title,
            "category": self.category,
            "kind": "employed",
            "valid_from": "1990-01-01",
        }
        data = {"participant_id": self.id, "gender": self.gender, "birth_year": self.born, "employments": [employment]}
        return Made(participants_v1.ParticipantChanged, self.id, year, at, data)

    def registered(self) -> dict[str, Any]:
        return {
            "participant_id": self.id,
            "municipality": self.municipality,
            "employment_id": self.employment_id,
        }

    def signed(self, month: str, item: dict[str, Any], at: datetime) -> Made:
        """The month again, with one item more."""
        self._sequence += 1
        items = self._signed.setdefault(month, [])
        items.append(item)
        data = {"participant_id": self.id, "month": month, "items": list(items), "document_hash": "0", "method": "code"}
        return Made(signatures_v1.HoursSigned, self.id, self._sequence, at, data)


_MARK: Final = {
    "status": "present",
    "source": "trainer",
    "marked_at": "2025-01-01T08:00:00Z",
    "received_at": "2025-01-01T08:00:00Z",
    "roll_version": 1,
}


def _line(one: Employee, occasion: str, minutes: int) -> dict[str, Any]:
    shown = {"minutes": minutes, "scheduled_minutes": MINUTES, "excused": False}
    return {"participant_id": one.id, "occasion_id": occasion, **shown}


def _session(id_: str, occasion: str, starts: datetime, rng: random.Random) -> dict[str, Any]:
    ends = starts + timedelta(minutes=MINUTES)
    return {
        "session_id": id_,
        "course": f"C{rng.randint(1, 10)}",
        "course_title": "C",
        "duration_minutes": MINUTES,
        "host_municipality": rng.choice(MUNICIPALITIES),
        "venue": "Sal",
        "capacity": SEATS,
        "occasions": [{"occasion_id": occasion, "starts_at": starts, "ends_at": ends, "break_minutes": 0}],
        "trainers": [],
        "support": [],
        "cancellation_deadline": starts,
        "state": "completed",
    }


def _project(first: int, last: int) -> dict[str, Any]:
    return {
        "name": "K",
        "period": {"from": f"{first}-01-01", "to": f"{last}-12-31"},
        "grant": "1",
        "commitment_minutes": 72_000_000,
        "settings": [{"key": "signature_required", "value": True, "valid_from": "2025-07-01"}],
    }


def _id(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))
