"""GET /v1/cofinancing: as of a day, as known at a time, and each municipality's own row."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from shared.security.roles import Role
from tests.integration.reporting.publishing import publish
from tests.support.answers import answered
from tests.support.browsers import browser
from tests.support.services import Origin, running
from tests.support.stack import Stack
from tests.support.story import Story, at, employment

pytestmark = pytest.mark.asyncio(loop_scope="module")

COFINANCING = "/reporting/v1/cofinancing"


def two_years() -> Story:
    """Attested in 2025 and known in January 2026; corrected and gone on in February 2026."""
    story = Story()
    story.project()
    story.municipality("1884", (1_000, "2025-01-01"), name="Nora")
    story.municipality("1885", (3_000, "2025-01-01"), name="Lindesberg")
    sessions = {}
    for code, day in (("1884", "2025-03-03"), ("1885", "2025-11-03")):
        story.person(code, employment(code, code))
        sessions[code] = story.session(code, (at(day), 400))
        story.confirmed(sessions[code], code, at_employer=code)
        story.attest(sessions[code], (code, 400))
    story.recorded_at = datetime(2026, 2, 15, 8, tzinfo=UTC)
    story.reopen(sessions["1884"])
    story.attest(sessions["1884"], ("1884", 333))
    return story


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def origin(stack: Stack) -> AsyncIterator[Origin]:
    async with running(stack, ["reporting"]) as started:
        await publish(started, two_years().told)
        yield started


async def asked(origin: Origin, role: Role = Role.COORDINATOR, *, code: str | None = None, **query: str) -> Any:
    return answered(await origin.client(role, municipality=code).get(COFINANCING, params=query))


async def test_attainment_by_day_and_by_what_was_known(origin: Origin) -> None:
    now = await asked(origin)
    assert now["project"] == {
        "commitment_minutes": 4_000,
        "attested_minutes": 733,
        "claimable_minutes": 733,
        "attainment": 0.1833,
        "unmatched_minutes": 0,
    }
    assert [(one["code"], one["name"], one["attainment"]) for one in now["municipalities"]] == [
        ("1884", "Nora", 0.333),
        ("1885", "Lindesberg", 0.1333),
    ]
    assert set(now["municipalities"][0]["forecast"]) == {"at_end", "low", "high"}
    assert isinstance(now["municipalities"][0]["to_close_gap_minutes"], int)

    in_march = await asked(origin, as_of="2025-03-31")
    assert in_march["project"]["attested_minutes"] == 333
    before_the_correction = await asked(origin, known_at="2026-01-31")
    assert before_the_correction["project"]["attested_minutes"] == 800
    assert await asked(origin, known_at="2026-02-15T08:00:00+00:00") == now
    assert (await asked(origin, known_at="2025-12-31"))["municipalities"] == []

    assert await asked(origin, Role.MUNICIPALITY, code="1885") == await asked(origin, Role.FUNDER) == now


async def test_a_municipality_sees_its_own_hours_on_a_page_and_as_a_part_of_another(origin: Origin) -> None:
    lindesberg = browser(origin, Role.MUNICIPALITY, municipality="1885")
    page = (await lindesberg.get("/uppfoljning/atagande")).text
    assert "6,7\u00a0timmar attesterade av 50\u00a0timmar utlovade" in page
    assert "13,3\u00a0%" in page
    assert "Nora" not in page
    assert "Lindesberg" in page, "for whom one acts"
    part = (await lindesberg.get("/uppfoljning/atagande", headers={"HX-Request": "true"})).text
    assert "13,3\u00a0%" in part
    assert "<h1" not in part
    office = (await browser(origin, Role.COORDINATOR).get("/uppfoljning/atagande")).text
    assert "Nora" in office
    assert "2 kommuner" in office


async def test_an_evaluator_gets_the_table_as_of_a_months_end(origin: Origin) -> None:
    released = await asked(origin, Role.EVALUATOR)
    assert released["project"] | {"commitment_minutes": 0} == {
        "commitment_minutes": 0,
        "attested_minutes": None,  # of two persons
        "claimable_minutes": None,
        "attainment": None,
        "unmatched_minutes": None,
    }
    assert released["rounded_to"] == 5
    assert "/municipalities/1/to_close_gap_minutes" in released["suppressed"]
    assert await asked(origin, Role.EVALUATOR, as_of="2025-03-31")

    for query in ({"as_of": "2025-03-30"}, {"known_at": "2026-01-31"}):
        answer = await origin.client(Role.EVALUATOR).get(COFINANCING, params=query)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "period-too-fine")
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"/query/{name}" for name in query]


async def test_a_time_without_offset_is_refused(origin: Origin) -> None:
    for text in ("yesterday", "2025-12-31T23:00:00"):
        answer = await origin.client(Role.COORDINATOR).get(COFINANCING, params={"known_at": text})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/query/known_at"
