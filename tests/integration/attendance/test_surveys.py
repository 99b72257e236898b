"""Answers from paper: only of sessions that are over, and never more than people were asked."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.school import School, got
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWER = {"helped": "high", "confidence": 4, "language_support": "not_needed"}


def path(session: Session) -> str:
    return f"/sessions/{session.id}/survey-answers"


def stack_of(number: int, **more: Any) -> dict[str, Any]:
    return {"survey": "participant", "answers": [ANSWER] * number, **more}


async def test_more_answers_than_invited_are_refused_over_all_stacks(school: School) -> None:
    session, _ = await school.with_people(1)
    refused = await school.post(path(session), stack_of(1), 422)
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/answers", "more-than-invited")]
    await school.post(path(session), stack_of(2, invited=3), 201)
    await school.post(path(session), stack_of(2), 422)
    await school.post(path(session), stack_of(1), 201)
    await school.post(path(session), stack_of(1), 422)
    await school.post(path(session), stack_of(2, invited=1), 422)
    await school.post(path(session), stack_of(2, invited=2), 201)
    assert len(await school.published(session, "survey-answered")) == 5
    assert sum(event["invited"] for event in await school.published(session, "survey-sent")) == 5


async def test_each_survey_counts_its_own(school: School) -> None:
    session, _ = await school.with_people(1)
    await school.post(path(session), stack_of(0, invited=5), 201)
    await school.post(path(session), stack_of(1, survey="manager"), 422)
    await school.post(path(session), stack_of(1, survey="manager", invited=1), 201)


async def test_two_stacks_at_once_do_not_pass_together(school: School) -> None:
    session, _ = await school.with_people(1)
    await school.post(path(session), stack_of(0, invited=3), 201)
    client = school.coordinator
    answers = await asyncio.gather(*(client.post(f"/attendance/v1{path(session)}", json=stack_of(2)) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]


async def test_a_session_that_is_not_over_has_no_answers(school: School) -> None:
    begun = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    for start in (begun, begun + timedelta(days=2)):
        session = await school.session(start)
        refused = await school.post(path(session), stack_of(1, invited=1), 422)
        assert refused["errors"][0]["code"] == "session-not-over"
        assert (await got(school.coordinator, f"/attendance/v1{path(session)}"))["items"] == []


async def test_neither_has_one_that_was_called_off(school: School) -> None:
    session, _ = await school.with_people(1)
    await school.tell(school.called_off(session))
    assert (await school.post(path(session), stack_of(1, invited=1), 409))["type"].endswith("/session-cancelled")
