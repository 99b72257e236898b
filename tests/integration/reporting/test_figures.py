"""GET /v1/figures: who may ask for what, what is hidden from whom, and how it refuses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from shared.security.roles import Role
from tests.integration.reporting.publishing import publish
from tests.support.answers import answered
from tests.support.services import Origin, api, running
from tests.support.stack import Stack
from tests.support.story import Story, at, employment

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIGURES = "/reporting/v1/figures"
YEAR = {"from": "2025-01-01", "to": "2025-12-31"}


def a_year() -> Story:
    """Seven of 1884 and three of 1885 attended one session; one answer, one cancelled session."""
    story = Story()
    story.project()
    session = story.session("s", (at("2025-03-03"), 180), capacity=20)
    people = [(f"nora {n}", "1884") for n in range(7)] + [(f"lindesberg {n}", "1885") for n in range(3)]
    for who, code in people:
        story.person(who, employment(who, code))
        story.confirmed(session, who, at_employer=code)
    story.attest(session, *((who, 180) for who, _ in people))
    story.answer(session, helped="high", confidence=5)
    story.called_off(story.session("cancelled", (at("2025-04-04"), 180)))
    return story


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(stack: Stack) -> AsyncIterator[tuple[Origin, Story]]:
    story = a_year()
    async with running(stack, ["reporting"]) as started:
        await publish(started, story.told)
        yield started, story


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def untold(stack: Stack) -> AsyncIterator[Origin]:
    """Nothing has happened."""
    async with api(stack, "reporting") as started:
        yield started


async def asked(origin: Origin, role: Role, *, code: str | None = None, **query: str) -> dict[str, Any]:
    return answered(await origin.client(role, municipality=code).get(FIGURES, params=YEAR | query))


async def test_each_role_sees_what_it_may(told: tuple[Origin, Story]) -> None:
    origin, _ = told
    whole = await asked(origin, Role.COORDINATOR)
    assert whole["unique_participants"]["by_municipality"] == {"1884": 7, "1885": 3}
    assert whole["sessions"]["cancelled_by_cause"] == {"too-few": 1}
    assert whole["surveys"]["participant"]["helped"]["n"] is None  # one answer is told to nobody
    assert "/surveys/participant/helped/n" in whole["suppressed"]
    assert await asked(origin, Role.FUNDER) == whole

    evaluator = await asked(origin, Role.EVALUATOR)
    assert evaluator["unique_participants"]["by_municipality"] == {"1884": 5, "1885": 5}
    assert (evaluator["unique_participants"]["total"], evaluator["rounded_to"]) == (10, 5)
    assert evaluator["surveys"]["participant"]["answered"] == 0
    assert evaluator["sessions"] == whole["sessions"]
    few = await asked(origin, Role.EVALUATOR, municipality="1885")
    assert few["minutes"]["attested"] is None
    assert "/minutes/attested" in few["suppressed"]
    assert "rounded_to" not in whole

    own = await asked(origin, Role.MUNICIPALITY, code="1884")
    assert (own["unique_participants"]["total"], own["minutes"]["attested"]) == (7, 7 * 180)
    assert own["unique_participants"]["by_municipality"] == {"1884": 7}
    assert own["surveys"] is None
    assert await asked(origin, Role.MUNICIPALITY, code="1884", municipality="1884") == own

    client = origin.client(Role.MUNICIPALITY, municipality="1884")
    assert (await client.get(FIGURES, params=YEAR | {"municipality": "1885"})).status_code == 403


async def test_the_figures_follow_a_correction(told: tuple[Origin, Story]) -> None:
    origin, story = told
    assert (await asked(origin, Role.COORDINATOR))["minutes"]["attested"] == 1800
    before = len(story.told)
    session = story.session("t", (at("2025-05-05"), 60))
    story.attended(session, "nora 0", 60)
    story.reopen(session)
    story.attest(session, ("nora 0", 45))
    await publish(origin, story.told[before:])
    assert (await asked(origin, Role.COORDINATOR))["minutes"]["attested"] == 1845


async def test_released_figures_are_of_whole_months(untold: Origin) -> None:
    client = untold.client(Role.EVALUATOR)
    for query, pointers in (
        ({"from": "2025-01-02"}, ["/query/from"]),
        ({"to": "2025-12-30"}, ["/query/to"]),
        ({"from": "2025-03-03", "to": "2025-03-03"}, ["/query/from", "/query/to"]),
    ):
        answer = await client.get(FIGURES, params=YEAR | query)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "period-too-fine")
        assert [error["pointer"] for error in answer.json()["errors"]] == pointers
        assert (await untold.client(Role.FUNDER).get(FIGURES, params=YEAR | query)).status_code == 200


async def test_nobody_else_may_ask(untold: Origin) -> None:
    assert (await untold.client().get(FIGURES, params=YEAR)).status_code == 401
    for role in (Role.TRAINER, Role.OPERATOR):
        client = untold.client(role, trainer_id="0190b0a0-0000-7000-8000-000000000001")
        assert (await client.get(FIGURES, params=YEAR)).status_code == 403


async def test_a_question_that_makes_no_sense_is_refused_by_its_field(untold: Origin) -> None:
    client = untold.client(Role.COORDINATOR)
    for query in ({}, {"from": "2025-12-31", "to": "2025-01-01"}, YEAR | {"municipality": "Nora"}):
        answer = await client.get(FIGURES, params=query)
        assert answer.status_code == 422, query
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"]


async def test_before_anything_has_happened_every_figure_is_nought(untold: Origin) -> None:
    answer = await asked(untold, Role.COORDINATOR)
    assert (answer["cut_off"], answer["data_as_of"]) == ({}, None)
    assert answer["seats"]["fill_rate"] is None
    assert answer["unique_participants"]["by_gender"] == {"woman": 0, "man": 0, "non_binary": 0, "unknown": 0}
