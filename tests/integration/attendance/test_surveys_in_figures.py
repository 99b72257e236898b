"""Answers by link as reporting's figures tell them: what was sent adds up, and four answers are told to nobody."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from shared.security.roles import Role
from tests.integration.attendance.post import DAY, NOW, Post, opened, tokens_in
from tests.support.answers import ok
from tests.support.school import ALWAYS
from tests.support.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def post(stack: Stack) -> AsyncIterator[Post]:
    async with opened(stack, "attendance", "reporting") as both:
        yield both


async def surveys(post: Post) -> tuple[dict[str, Any], list[str]]:
    """What the figures of March say of surveys, and what they do not tell."""
    await post.origin.settled()
    office = post.origin.client(Role.COORDINATOR, **ALWAYS)
    figures = ok(await office.get("/reporting/v1/figures?from=2026-03-01&to=2026-03-31"))
    return figures["surveys"], [one for one in figures["suppressed"] if one.startswith("/surveys/")]


async def answer(post: Post, address: str, number: int, **answers: Any) -> None:
    """The newest mail to an address is answered, with its first so many links."""
    asked = [mail for mail in await post.box.mails(address) if "/enkat/" in mail["text"]]
    for token in tokens_in(asked[-1], "/enkat/")[:number]:
        ok(await post.anybody.post(f"/attendance/v1/surveys/answers/{token}", json={"answers": answers}), 201)


async def test_what_was_answered_by_link_stands_in_the_figures(post: Post) -> None:
    managers = [f"chef-{uuid4().hex[:8]}@example.se" for _ in range(6)]
    addresses = [f"{uuid4().hex[:8]}@example.se" for _ in managers]
    pairs = zip(addresses, managers, strict=True)
    people = [(await post.person(email=own, manager_email=manager))[0] for own, manager in pairs]
    await post.held(*people)
    await post.pass_time(NOW)
    await post.sent()
    for address in addresses[:4]:
        await answer(post, address, 1, helped="high", confidence=5, language_support="partly")
    await post.pass_time(NOW + DAY)
    told, suppressed = await surveys(post)
    assert (told["participant"]["invited"], told["participant"]["answered"]) == (6, 4)
    assert told["participant"]["helped"] == {"n": None, "high": None, "fairly_high": None, "share": None}
    assert "/surveys/participant/helped/share" in suppressed
    await answer(post, addresses[4], 1, helped="low", confidence=3, language_support="not_needed")
    await post.pass_time(NOW + 15 * DAY)
    told, suppressed = await surveys(post)
    assert told["participant"]["answered"] == 5
    assert told["participant"]["helped"] == {"n": 5, "high": 4, "fairly_high": 0, "share": 0.8}
    assert told["participant"]["confidence"] == {"n": 5, "mean": 4.6}
    assert told["participant"]["language_support"]["share"] == 1.0
    assert not [one for one in suppressed if one.startswith("/surveys/participant")]

    await post.pass_time(datetime(2026, 6, 2, 9, tzinfo=UTC))
    await post.sent()
    for manager in managers[:5]:
        await answer(post, manager, 1, helped="fairly_high", confidence=4)
    await post.pass_time(datetime(2026, 6, 3, 9, tzinfo=UTC))
    told, _ = await surveys(post)
    assert (told["manager"]["invited"], told["manager"]["answered"]) == (6, 5)
    assert told["manager"]["questions"]["helped"] == {"n": 5, "values": {"fairly_high": 5}}
    assert told["manager"]["questions"]["confidence"] == {"n": 5, "values": {"4": 5}, "mean": 4.0}
