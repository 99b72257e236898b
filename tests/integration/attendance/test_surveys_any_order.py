"""Whoever answers when, once or again, and however often the batch runs: each answer goes out once, never fewer than
three of a session together while others may answer, and all of them when the survey has closed.
"""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from services.attendance.surveys import invite
from services.attendance.surveys.publish_answers import publish_answers
from shared.contracts.people_v2 import ContactOfEmployment
from shared.security.links import new_token
from tests.support.clock import FixedClock
from tests.support.school import School, mark
from tests.support.services import api
from tests.support.stack import Stack
from tests.support.story import Session, employment_of

NOW, DAY = datetime(2026, 3, 2, 9, tzinfo=UTC), timedelta(days=1)
VALUES: dict[str, list[Any]] = {
    "helped": ["high", "fairly_high", "low", "not_at_all", None],
    "confidence": [1, 2, 3, 4, 5, None],
    "language_support": ["not_needed", "fully"],
}
Tokens = list[str]


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> Tokens:
    """The tokens of the links that are made, which otherwise only the mails hold."""
    made: Tokens = []

    def noted() -> str:
        made.append(new_token())
        return made[-1]

    monkeypatch.setattr(invite, "new_token", noted)
    return made


@pytest.fixture
async def school(stack: Stack, database: str) -> AsyncIterator[School]:
    async with api(stack, "attendance", database=database, clock=FixedClock(NOW)) as origin:
        yield School(origin)


async def held(school: School, number: int) -> Session:
    """A session at which so many were who have an address."""
    session, people = await school.with_people(number, starts=[NOW - DAY])
    for person in people:
        contact = ContactOfEmployment(employment_id=employment_of(person), email=f"{person.hex}@example.se")
        await school.tell(school.contacts(person, contact))
    marks = [mark(session, person) for person in people]
    await school.post_marks(session, *marks, device_time=NOW.isoformat())
    await school.attest(session)
    return session


def answers_of(chance: Random) -> dict[str, Any]:
    return {question: chance.choice(values) for question, values in VALUES.items()}


@pytest.mark.parametrize("seed", range(6))
async def test_each_answer_goes_out_once_and_never_alone(school: School, tokens: Tokens, seed: int) -> None:
    chance, service = Random(seed), school.origin.services["attendance"]
    clock = service.units.clock
    assert isinstance(clock, FixedClock)
    session = await held(school, chance.randint(1, 9))
    await invite.inviting_participants(service.app.state.mailing)(service.units)
    answered: list[dict[str, Any]] = []
    left, out = chance.sample(tokens, len(tokens)), 0
    for day in range(16):
        for _ in range(chance.choice([0, 0, 1, 2, 4])):
            clock.at = NOW + day * DAY + timedelta(hours=chance.randint(0, 12))
            token = chance.choice(tokens) if chance.random() < 0.3 or not left else left[-1]
            given = answers_of(chance)
            path = f"/attendance/v1/surveys/answers/{token}"
            sent = await school.origin.client().post(path, json={"answers": given})
            assert sent.status_code == (410 if day >= 14 and token in left else 201 if token in left else 409)
            if sent.status_code == 201:
                left.remove(token)
                answered.append({question: value for question, value in given.items() if value is not None})
        clock.at = NOW + day * DAY + timedelta(hours=18)
        for _ in range(chance.choice([1, 1, 2])):
            await publish_answers(service.units)
            before, out = out, len(await school.published(session, "survey-answered"))
            assert out - before not in (1, 2) or day >= 14, "they would be known by their day"
    published = [event["answers"] for event in await school.published(session, "survey-answered")]
    assert Counter(map(str, map(sorted_items, published))) == Counter(map(str, map(sorted_items, answered)))
    assert await school.origin.rows("attendance", "SELECT 1 FROM survey_rounds WHERE waiting IS NOT NULL") == []


def sorted_items(answers: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted(answers.items())
