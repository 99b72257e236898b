"""Registrations from a file: each row for itself, all of them or nothing, long files as jobs."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest

from shared.messaging.pipeline import Pipeline
from tests.integration.booking.test_import import as_csv, as_xlsx
from tests.support.answers import Json, ok, refused
from tests.support.booking_world import (
    DAY,
    HOUR,
    MAJA,
    NORA,
    NOW,
    OREBRO,
    World,
    entered,
    personal_number,
)
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.services import running
from tests.support.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

IMPORT = "/booking/v1/registrations/import"
STARTS = NOW + 30 * DAY
Row = dict[str, str]


class People:
    """New staff with their numbers."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def enter(self, municipality: str = NORA, **fields: Any) -> tuple[str, str]:
        number = personal_number(next(self.world._numbers))
        return await self.world.staff(municipality, number=number, **fields), number

    async def several(self, count: int, municipality: str = NORA) -> tuple[list[str], list[str]]:
        pairs = [await self.enter(municipality) for _ in range(count)]
        return [staff for staff, _ in pairs], [number for _, number in pairs]


@pytest.fixture
def people(world: World) -> People:
    return People(world)


async def send(by: httpx2.AsyncClient, rows: Sequence[Row] | bytes, **params: Any) -> httpx2.Response:
    content = rows if isinstance(rows, bytes) else as_csv(rows)
    headers = params.pop("headers", {})
    params = {"dry_run": "false"} | params
    return await by.post(IMPORT, files={"file": ("anmalningar.csv", content)}, params=params, headers=headers)


def rows_of(session: str, numbers: Sequence[str]) -> list[Row]:
    return [{"session_id": session, "personal_number": number} for number in numbers]


def outcomes(answer: Json) -> list[tuple[int, str]]:
    return [(each["row"], each["outcome"]) for each in answer["rows"]]


def codes(answer: Json) -> list[list[str]]:
    return [[error["code"] for error in each["errors"]] for each in answer["rows"]]


async def count(world: World, session: str) -> int:
    return len((await world.get("/booking/v1/registrations", session=session))["items"])


# --- what is written -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [as_csv, as_xlsx])
async def test_each_row_is_registered_for_itself_and_those_without_a_seat_wait(
    world: World, people: People, form: Any
) -> None:
    session, (staff, numbers) = await world.session(2), await people.several(3)
    answer = ok(await send(world.municipality(NORA), form(rows_of(session, numbers))))
    assert outcomes(answer) == [(2, "confirmed"), (3, "confirmed"), (4, "waitlisted")]
    assert answer["totals"] == {"rows": 3, "confirmed": 2, "waitlisted": 1, "unchanged": 0, "error": 0, "written": 3}
    registrations = [await world.registration(session, each) for each in staff]
    assert [each["id"] for each in registrations] == [each["registration_id"] for each in answer["rows"]]
    assert [each["via"] for each in registrations] == ["import", "import", None]
    assert [data.get("via") for name, data in await world.events(session) if name.startswith("registration")] == [
        "import",
        "import",
        None,
    ]
    assert [each["action"] for each in await world.audit_of(registrations[0]["id"])] == ["registration-confirmed"]


async def test_a_dry_run_says_the_same_and_leaves_nothing(world: World, people: People) -> None:
    session, (_, numbers) = await world.session(1), await people.several(2)
    waiting = await world.session(1, starts=STARTS + 2 * DAY)
    await world.outcomes(waiting, *await world.several(2), policy="any")
    events = len(await world.events(session)), len(await world.events(waiting))
    rows = [*rows_of(session, numbers), *rows_of(waiting, numbers[:1])]
    answer = ok(await send(world.municipality(NORA), rows, dry_run="true"))
    assert outcomes(answer) == [(2, "confirmed"), (3, "waitlisted"), (4, "waitlisted")]
    assert answer["totals"]["written"] == 0
    assert [each["registration_id"] for each in answer["rows"]] == [None] * 3
    assert await count(world, session) == 0
    assert (len(await world.events(session)), len(await world.events(waiting))) == events


async def test_the_same_file_again_changes_nothing(world: World, people: People) -> None:
    session, (_, numbers) = await world.session(1), await people.several(2)
    first = ok(await send(world.coordinator, rows_of(session, numbers)))
    events = len(await world.events(session))
    again = ok(await send(world.coordinator, rows_of(session, numbers)))
    assert outcomes(again) == [(2, "unchanged"), (3, "unchanged")]
    assert [each["registration_id"] for each in again["rows"]] == [each["registration_id"] for each in first["rows"]]
    assert again["totals"]["written"] == 0
    assert len(await world.events(session)) == events


async def test_with_one_wrong_row_nobody_is_registered(world: World, people: People) -> None:
    session, (_, numbers) = await world.session(), await people.several(2)
    events = len(await world.events(session))
    answer = ok(await send(world.coordinator, rows_of(session, [*numbers, "19811218-9875"])))
    assert outcomes(answer) == [(2, "confirmed"), (3, "confirmed"), (4, "error")]
    assert answer["totals"]["written"] == 0
    assert [each["registration_id"] for each in answer["rows"]] == [None] * 3
    assert "9875" not in str(answer)
    assert await count(world, session) == 0
    assert len(await world.events(session)) == events


async def test_a_course_and_a_day_name_a_session(world: World, people: People) -> None:
    await world.course("DAG1", ["base"])
    session, (_, numbers) = await world.session(course="DAG1", starts=STARTS), await people.several(1)
    row = {"course": "dag1", "date": "2026-04-01", "personal_number": numbers[0]}
    assert outcomes(ok(await send(world.coordinator, [row]))) == [(2, "confirmed")]
    assert await count(world, session) == 1
    await world.session(course="DAG1", starts=STARTS + HOUR)
    told = [row, {**row, "date": "2026-04-02"}, {**row, "date": "2026-02-30"}, {**row, "course": "NIX"}]
    answer = ok(await send(world.coordinator, told, dry_run="true"))
    assert codes(answer) == [
        ["several-sessions-that-day"],
        ["no-session-that-day"],
        ["not-a-date"],
        ["no-session-that-day"],
    ]


async def test_the_past_is_entered_with_its_time(world: World, people: People) -> None:
    session, (staff, numbers) = await world.session(starts=STARTS), await people.several(1)
    world.clock.at = STARTS + 40 * DAY
    refused_now = ok(await send(world.coordinator, rows_of(session, numbers)))
    assert codes(refused_now) == [["session-completed"]]
    answer = ok(await send(world.coordinator, rows_of(session, numbers), headers=entered(STARTS - DAY)))
    assert outcomes(answer) == [(2, "confirmed")]
    assert (await world.registration(session, staff[0]))["confirmed_at"].startswith("2026-03-31T11:00:00")


# --- what is wrong ---------------------------------------------------------------------------------------------------


async def test_what_cannot_be_is_said_row_by_row(world: World, people: People) -> None:
    session, (_, [known, nurse]) = await world.session(), await people.several(2)
    _, licensed = await people.enter(NORA, category="licensed")
    unknown = personal_number(800_000)
    _, foreign = await people.enter(OREBRO)
    rows = [
        {"session_id": session, "personal_number": known},
        {"session_id": session, "personal_number": known},
        {"session_id": session, "personal_number": unknown},
        {"session_id": session, "personal_number": foreign},
        {"session_id": session, "personal_number": licensed},
        {"session_id": "nix", "personal_number": nurse},
        {"session_id": "01a22053-0000-7000-8000-000000000000", "personal_number": nurse},
        {"session_id": session, "personal_number": ""},
    ]
    answer = ok(await send(world.municipality(NORA), rows))
    assert codes(answer) == [
        [],
        ["twice-in-file"],
        ["unknown-person"],
        ["unknown-person"],
        ["not-in-target-group"],
        ["not-an-id"],
        ["unknown-session"],
        ["missing"],
    ]
    assert known[2:] not in str(answer)
    assert await count(world, session) == 0


async def test_one_person_on_two_sessions_at_one_time_is_wrong_once(world: World, people: People) -> None:
    sessions = [await world.session(), await world.session(starts=STARTS + HOUR)]
    _, [number] = await people.several(1)
    answer = ok(await send(world.coordinator, [row for each in sessions for row in rows_of(each, [number])]))
    assert sorted(codes(answer)) == [[], ["overlapping-registration"]]
    assert [await count(world, each) for each in sessions] == [0, 0]


async def test_a_closed_session_is_wrong_for_its_rows_alone(world: World, people: People) -> None:
    cancelled, open_one = await world.session(), await world.session(starts=STARTS + 2 * DAY)
    await world.post(f"/booking/v1/sessions/{cancelled}/cancel", {"cause": "venue"})
    _, numbers = await people.several(2)
    answer = ok(await send(world.coordinator, [*rows_of(cancelled, numbers), *rows_of(open_one, numbers)]))
    assert codes(answer) == [["session-cancelled"], ["session-cancelled"], [], []]


async def test_of_several_employers_the_file_says_which(world: World, people: People) -> None:
    session, (staff, number) = await world.session(), await people.enter(NORA)
    await world.staff(OREBRO, number=number)
    unclear = ok(await send(world.coordinator, rows_of(session, [number])))
    assert codes(unclear) == [["several-employers"]]
    row = {"session_id": session, "personal_number": number, "municipality": NORA}
    assert outcomes(ok(await send(world.coordinator, [row]))) == [(2, "confirmed")]
    assert (await world.registration(session, staff))["municipality"] == NORA
    other = ok(await send(world.municipality(NORA), [{**row, "municipality": OREBRO}]))
    assert codes(other) == [["not-your-municipality"]]
    by_the_other = ok(await send(world.municipality(OREBRO), rows_of(session, [number])))
    assert codes(by_the_other) == [["already-registered"]]
    assert by_the_other["rows"][0]["registration_id"] is None


async def test_a_file_without_the_columns_is_refused(world: World) -> None:
    for content, missing in (
        (b"session_id;x\n1;2\n", ["personal_number"]),
        (b"personal_number;course\n1;2\n", ["date"]),
        (b"personal_number\n1\n", ["session_id"]),
    ):
        problem = refused(await send(world.coordinator, content), 422, "validation")
        assert [each["message"].split()[1] for each in problem["errors"]] == missing


# --- many at once ----------------------------------------------------------------------------------------------------


async def test_two_files_over_the_same_sessions_at_once_end_without_a_deadlock(world: World, people: People) -> None:
    sessions = [await world.session(3, starts=STARTS + each * DAY) for each in range(4)]
    _, numbers = await people.several(4)
    rows = [row for session in sessions for row in rows_of(session, numbers)]
    answers = await asyncio.gather(send(world.coordinator, rows), send(world.coordinator, rows[::-1]))
    found = sorted((ok(each)["totals"] for each in answers), key=lambda totals: totals["written"])
    assert [(each["written"], each["unchanged"], each["error"]) for each in found] == [(0, 16, 0), (16, 0, 0)]
    for session in sessions:
        seats = await world.seats(session)
        assert (seats["confirmed"], seats["waitlisted"]) == (3, 1)


@pytest.mark.asyncio(loop_scope="function")
async def test_a_long_file_becomes_a_job_with_the_same_answer(stack: Stack) -> None:
    clock = FixedClock(NOW)
    async with running(stack, ["booking"], pipeline=Pipeline, clock=clock) as origin:
        world = await World.made(origin, clock)
        numbers = [personal_number(person) for person in range(1_001)]
        for part in (numbers[:600], numbers[600:]):
            staff = as_csv([{**MAJA, "title": "assistant_nurse", "personal_number": number} for number in part])
            answer = await world.coordinator.post(
                "/booking/v1/staff/import", files={"file": ("p.csv", staff)}, params={"dry_run": "false"}
            )
            assert ok(answer)["totals"]["written"] == len(part)
        session = await world.session(1_000)
        job = ok(await send(world.coordinator, rows_of(session, numbers)), 202)["job"]

        async def job_of() -> Json:
            return await world.get(f"/booking/v1/jobs/{job}")

        done = await eventually(job_of, until=lambda shown: shown["state"] in ("done", "failed"), within=60)
        assert done["result"]["totals"] == {
            "rows": 1_001,
            "confirmed": 1_000,
            "waitlisted": 1,
            "unchanged": 0,
            "error": 0,
            "written": 1_001,
        }
        assert (await world.seats(session))["confirmed"] == 1_000
