"""What phones send while another one is answered: in one transaction, and each for itself."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from sqlalchemy.exc import DBAPIError

from services.attendance.marks.together import record_together
from services.attendance.phone import sync_together
from services.attendance.phone.sync import beside_marks
from shared.database import combining
from tests.support.answers import ok
from tests.support.databases import superuser_url
from tests.support.lanes import held, lane_of
from tests.support.school import School, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")
Phone = tuple[UUID, list[tuple[Session, dict[str, Any]]]]
"""A trainer, and on which sessions the phone has which mark."""


def phone_of(session: Session, person: UUID, **more: Any) -> Phone:
    return session.trainers[0], [(session, mark(session, person, **more))]


async def sent(school: School, phone: Phone, walk_ins: int = 0) -> httpx2.Response:
    """What a phone sends, with so many walk-ins on each session."""
    trainer, noted = phone
    sessions = [
        {
            "session_id": str(session.id),
            "walk_ins": [{"walk_in_id": str(uuid4()), "municipality": "1884"} for _ in range(walk_ins)],
            "marks": [one],
        }
        for session, one in noted
    ]
    body = {"device_id": "phone", "device_time": "2025-03-03T12:00:00Z", "sessions": sessions}
    return await school.trainer(trainer).post("/attendance/v1/sync", json=body)


async def together(school: School, *phones: Phone, walk_ins: int = 0) -> list[asyncio.Task[httpx2.Response]]:
    """The phones' calls, which have come while another one was at work."""
    await school.trainer(uuid4()).post(
        "/attendance/v1/sync",
        json={
            "device_id": "first",
            "device_time": "2025-03-03T12:00:00Z",
            "sessions": [{"session_id": str(uuid4())}],
        },
    )
    async with held(lane_of(school.origin, "/v1/sync", "attendance"), len(phones)):
        return [asyncio.create_task(sent(school, phone, walk_ins)) for phone in phones]


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many calls each transaction of several recorded."""
    sizes: list[int] = []
    record = record_together

    async def noting(calls: Any) -> Any:
        sizes.append(len(calls))
        return await record(calls)

    monkeypatch.setattr(sync_together, "record_together", noting)
    return sizes


async def test_phones_share_one_transaction_and_each_is_told_its_own(school: School, batches: list[int]) -> None:
    (one, [anna]), (other, [bo]), (third, [cia]) = [await school.with_people(1) for _ in range(3)]
    foreign = uuid4(), [(one, mark(one, anna))]
    wrong = phone_of(third, cia, minutes=-1)
    tasks = await together(school, phone_of(other, bo), wrong, foreign)
    answers = [ok(await task)["sessions"][0] for task in tasks]
    assert [answer["status"] for answer in answers] == [200, 200, 404]
    assert [answer["results"][0]["outcome"] for answer in answers[:2]] == ["accepted", "rejected"]
    assert batches == [3]
    assert [len(await school.published(session, "attendance-recorded")) for session in (one, other, third)] == [0, 1, 0]


async def test_nobody_waits_for_a_roll_that_somebody_else_is_changing(
    school: School, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(combining, "PAUSES", (0.001,))
    rolls = [await school.with_people(1) for _ in range(3)]
    connection = await asyncpg.connect(
        superuser_url(school.origin.stack.admin_url, school.origin.databases["attendance"])
    )
    async with AsyncExitStack() as resources:
        resources.push_async_callback(connection.close)
        await connection.execute("BEGIN")
        await connection.execute("SELECT FROM rolls WHERE session_id = $1 FOR UPDATE", rolls[0][0].id)
        waits, *others = await together(school, *(phone_of(session, people[0]) for session, people in rolls))
        for task in others:
            assert ok(await task)["sessions"][0]["results"][0]["outcome"] == "accepted"
        assert batches[0] == 2
        assert not waits.done()
        await connection.execute("ROLLBACK")
        assert ok(await waits)["sessions"][0]["results"][0]["outcome"] == "accepted"


async def test_nobody_comes_onto_another_roll_while_walk_ins_are_written(
    school: School, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (one, [anna]), (other, [bo]) = [await school.with_people(1) for _ in range(2)]
    elsewhere = await school.session()
    assert await school.outcomes(elsewhere, mark(elsewhere, anna)) == ["held"]
    arrives = school.confirmed(elsewhere, anna)

    async def meanwhile(*asked: Any) -> Any:
        found = await beside_marks(*asked)
        monkeypatch.setattr(sync_together, "beside_marks", beside_marks)
        with pytest.raises(DBAPIError, match="could not obtain lock"):
            await school.tell(arrives)
        return found

    monkeypatch.setattr(sync_together, "beside_marks", meanwhile)
    tasks = await together(school, phone_of(one, anna), phone_of(other, bo), walk_ins=1)
    answers = [ok(await task)["sessions"][0]["results"] for task in tasks]
    outcomes = [[result["outcome"] for result in results] for results in answers]
    assert outcomes == [["accepted", "accepted"]] * 2
    assert batches == [2]
    await school.tell(arrives)  # as a consumer does
    assert [event["minutes"] for event in await school.published(one, "attendance-recorded")] == [165]
    assert await school.published(elsewhere, "attendance-recorded") == []


async def test_twenty_phones_on_one_roll_are_all_answered_and_lose_nothing(school: School) -> None:
    session, people = await school.with_people(20)
    tasks = await together(school, *(phone_of(session, person) for person in people))
    answers = [ok(await task)["sessions"][0] for task in tasks]
    assert [result["outcome"] for answer in answers for result in answer["results"]] == ["accepted"] * 20
    assert len({answer["roll_version"] for answer in answers}) == 20
    assert len(await school.published(session, "attendance-recorded")) == 20
    roll = await school.roll(session)
    assert roll["roll_version"] == max(answer["roll_version"] for answer in answers)
    assert sum(shown["minutes"] for person in roll["people"] for shown in person["marks"]) == 20 * 165
