"""Many phones at once."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.support.school import NINE, School, for_the_trainer, mark

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_phones_that_send_at_the_same_time_lose_nothing_and_count_nothing_twice(school: School) -> None:
    session, people = await school.with_people(12)
    marks = [mark(session, person, base_version=0) for person in people]
    client = school.coordinator
    batches = [marks[n : n + 4] for n in (0, 4, 8)] * 2
    answers = await asyncio.gather(*(school.post_marks(session, *batch, client=client) for batch in batches))
    outcomes = sorted(result["outcome"] for answer in answers for result in answer["results"])
    assert outcomes == ["accepted"] * 12 + ["duplicate"] * 12
    assert len(await school.published(session, "attendance-recorded")) == 12
    roll = await school.roll(session)
    assert sum(shown["minutes"] for person in roll["people"] for shown in person["marks"]) == 12 * 165


async def test_a_person_marked_in_two_sessions_at_once_is_counted_in_one(school: School) -> None:
    anna = uuid4()
    sessions = [await school.session(NINE + timedelta(minutes=15 * n)) for n in range(4)]
    await school.tell(*(school.confirmed(session, anna) for session in sessions))
    client = school.coordinator
    outcomes = await asyncio.gather(
        *(school.outcomes(session, mark(session, anna), client=client) for session in sessions)
    )
    assert sorted(outcome for [outcome] in outcomes) == ["accepted", "conflict", "conflict", "conflict"]


async def test_attesting_while_a_phone_sends_seals_what_was_seen_or_nothing(school: School) -> None:
    for _ in range(5):
        session, [anna] = await school.with_people(1)
        seen, client = await school.roll(session), school.coordinator
        path = f"/attendance/v1/sessions/{session.id}/attest"
        attested, [outcome] = await asyncio.gather(
            client.post(path, json={"roll_version": seen["roll_version"], **for_the_trainer(session)}),
            school.outcomes(session, mark(session, anna), client=client),
        )
        assert (attested.status_code, outcome) in ((200, "conflict"), (409, "accepted"))
