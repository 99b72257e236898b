"""Figures in SQL are those that Python makes of the same events: live, after letters came late, and straight after a
rebuild.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import pytest

from services.reporting.days import Period
from services.reporting.facts.natural_key import natural_key
from services.reporting.rebuild.run import Rebuild
from services.reporting.recompute.cofinancing import cofinancing
from services.reporting.recompute.figures import figures
from shared.contracts import participants_v1
from shared.security.roles import Role
from tests.integration.reporting.ordering import finished, ordered, verdict
from tests.integration.reporting.test_current_state import a_story
from tests.support import databases
from tests.support.current import only_figures
from tests.support.disturbed import Disturbed
from tests.support.eventually import eventually
from tests.support.services import Origin, running
from tests.support.stack import Stack
from tests.support.story import Story, at, employment, id_of

LETTERS = "/reporting/v1/dead-letters"
YEAR, MONTH = Period(date(2025, 1, 1), date(2025, 12, 31)), Period(date(2025, 3, 1), date(2025, 3, 31))
ASKED: Final[tuple[dict[str, str], ...]] = ({}, {"municipality": "1884"}, {"course": "B"})


def everything() -> Story:
    """Corrections, a merge, a tombstone; somebody erased; an hour without an employer; a seat given up too late."""
    story = a_story()
    story.municipality("1885")
    story.person("Eva", gender="man", birth_year=None, erased=True, age_group="30_54")
    story.person("Fia", employment("Fia", until="2025-01-31"))
    session = story.session("more", (at("2025-03-20"), 180), course="B")
    for who in ("Eva", "Fia", "Ada"):
        story.confirmed(session, who)
    story.cancelled(session, "Ada", when=at("2025-03-19"), late=True)
    story.attest(session, ("Eva", 180), ("Fia", 120))
    story.bury(participants_v1.ParticipantChanged, str(id_of("Eva")))
    return story


async def agree(origin: Origin, story: Story) -> None:
    """What the service answers is what Python makes of the events; a report, which compares both, can be issued."""
    client, facts = origin.client(Role.COORDINATOR), story.facts()
    for period in (YEAR, MONTH):
        days = {"from": str(period.first), "to": str(period.last)}
        for asked in ASKED:
            answer = await client.get("/reporting/v1/figures", params=days | asked)
            assert only_figures(answer.json()) == only_figures(figures(facts, period, **asked)), (period, asked)
    table = await client.get("/reporting/v1/cofinancing", params={"as_of": str(YEAR.last)})
    assert table.json() == cofinancing(facts, YEAR.last)
    report = await ordered(origin)
    assert (await finished(origin, report["id"]))["state"] == "frozen"
    assert (await verdict(origin, report["id"]))["problems"] == []


async def test_they_agree_in_any_order_after_replayed_letters_and_straight_after_a_rebuild(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = everything()
    failing = {str(one.id) for one in story.told[10::4]}

    def wrong(ce_type: str, key: str, event_id: UUID | str, data: Mapping[str, Any] | None) -> str:
        if str(event_id) in failing:
            raise ValueError("a mistake of this release")
        return natural_key(ce_type, key, event_id, data)

    async with running(stack, ["reporting"]) as origin:
        with monkeypatch.context() as mistaken:
            mistaken.setattr("services.reporting.facts.record.natural_key", wrong)
            await origin.send(*(one for one in reversed(story.told) for _ in range(2)))
            await origin.settled(dead_letters=True)
        await replay(origin, len(failing))
        await agree(origin, story)

        owner = databases.owner_url(origin.stack.admin_url, "reporting", origin.databases["reporting"])
        rebuild = Rebuild(owner, origin.stack.bootstrap_servers, origin.prefix, pipeline=Disturbed)
        outcome = await rebuild.run()
        assert (outcome.swapped, outcome.differences, outcome.dead_letters) == (True, [], 0)
        await agree(origin, story)


async def replay(origin: Origin, count: int) -> None:
    """Every letter once the mistake is mended."""
    operator = origin.client(Role.OPERATOR)

    async def letters() -> list[dict[str, Any]]:
        answer = await operator.get(LETTERS, params={"state": "dead", "limit": "100"})
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    for letter in await eventually(letters, within=20, until=lambda found: len(found) == count):
        answer = await operator.post(f"{LETTERS}/{letter['id']}/replay", json={"reason": "mended"})
        assert answer.is_success, answer.text
    assert await letters() == []
