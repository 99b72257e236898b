"""Live figures: everything on connecting, what changed soon after the fact, counted once for all."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from services.reporting.figures.figures import figures
from services.reporting.live import feed as feeds
from services.reporting.live.feed import EVERY_SECONDS, Feed
from shared.security.roles import Role
from tests.integration.reporting.publishing import publish
from tests.support.clock import FixedClock
from tests.support.school import ALWAYS
from tests.support.services import Origin, running
from tests.support.stack import Stack
from tests.support.story import Session, Story, at, employment

TODAY = date(2025, 6, 2)


@dataclass
class Told:
    """An event of the stream."""

    id: str
    figures: dict[str, Any]


async def told(stream: AsyncIterator[bytes]) -> Told:
    """The next event that is no heartbeat."""
    async for message in stream:
        if message.startswith(b"event: figures\n"):
            fields = dict(line.split(": ", 1) for line in message.decode().splitlines() if line)
            return Told(fields["id"], json.loads(fields["data"]))
    raise AssertionError("the stream ended")


def a_session(story: Story, name: str) -> Session:
    session = story.session(name, (at(str(TODAY)), 180))
    story.person(f"who {name}", employment(f"who {name}"))
    story.attended(session, f"who {name}", 180)
    return session


class Watched:
    """A feed's looks, and by which of them it counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.looks, look = 0, Feed._look
        self.counted: list[int] = []

        async def looking(*arguments: Any) -> None:
            self.looks += 1
            await look(*arguments)

        async def counting(*arguments: Any) -> dict[str, Any]:
            self.counted.append(self.looks)
            return await figures(*arguments)

        monkeypatch.setattr(feeds, "figures", counting)
        monkeypatch.setattr(Feed, "_look", looking)


async def test_what_changed_is_told_to_all_from_one_count(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch)
    async with running(stack, ["reporting"], clock=FixedClock(at(f"{TODAY}", 12))) as origin:
        feed: Feed = origin.services["reporting"].app.state.feed
        story = Story()
        story.project()
        a_session(story, "first")
        story.called_off(story.session("ahead", (at(f"{TODAY.year}-12-31"), 60)))
        await publish(origin, story.told)
        streams = [feed.listen(None) for _ in range(50)]
        begun = [await told(stream) for stream in streams]
        assert {one.figures["minutes.attested"] for one in begun} == {180}
        assert begun[0].figures["sessions.cancelled"] == 1, "the whole year, also what lies ahead"
        assert len(watched.counted) == 1

        before = len(story.told)
        a_session(story, "second")
        await publish(origin, story.told[before:])
        looked, changed = watched.looks, begun
        while changed[0].figures.get("minutes.attested") != 360:
            changed = await asyncio.gather(*(told(stream) for stream in streams))
        assert watched.counted[-1] <= looked + 1, "by the first look after the fact, if not before"
        assert EVERY_SECONDS <= 0.5, "so that it is there within two seconds, which make bench measures"
        assert "sessions.cancelled" not in changed[0].figures, "only what changed"
        assert len({one.id for one in changed}) == 1
        assert len(watched.counted) < 10, "for fifty listeners"

        await resumes(feed, begun[0], changed[0])
        await asks_as_it_may(origin)


async def resumes(feed: Feed, before: Told, now: Told) -> None:
    """Who comes back with a state that is remembered gets what changed since; with another one, everything."""
    again = await told(feed.listen(before.id))
    assert again.id == now.id
    assert again.figures["minutes.attested"] == 360
    assert "sessions.cancelled" not in again.figures
    assert "sessions.cancelled" in (await told(feed.listen("unheard of"))).figures


async def asks_as_it_may(origin: Origin) -> None:
    for role in (Role.MUNICIPALITY, Role.EVALUATOR, Role.TRAINER):
        assert (await origin.client(role, municipality="1884", **ALWAYS).get("/reporting/v1/live")).status_code == 403


async def test_a_stream_ends_with_the_process(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_LISTENERS", 1)
    async with running(stack, ["reporting"]) as origin:
        service = origin.services["reporting"]
        stream = service.app.state.feed.listen(None)
        await told(stream)
        refused = await origin.client(Role.FUNDER).get("/reporting/v1/live")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        service.closing.set()
        assert [message async for message in stream if message.startswith(b"event")] == []
