"""Mails of many at once hold nobody up."""

import asyncio
from typing import Any

import pytest

from shared.mail.message import written
from shared.mail.rendering import mail_to
from tests.support.booking_world import DAY, NOW, World
from tests.support.clock import FixedClock
from tests.support.eventually import eventually, turns
from tests.support.mailbox import mailbox
from tests.support.services import running
from tests.support.stack import Stack


async def test_writing_the_mails_of_many_gives_others_a_turn_between_any_two(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    had, begun = 0, {mail_to: list[int](), written: list[int]()}

    async def others() -> None:
        nonlocal had
        while True:
            had += 1
            await turns(1)

    def noted(write: Any) -> Any:
        def wrapped(*args: Any, **named: Any) -> Any:
            begun[write].append(had)
            return write(*args, **named)

        return wrapped

    monkeypatch.setattr("shared.turns.SLICE_SECONDS", 0.0)
    monkeypatch.setattr("services.booking.notices.compose.mail_to", noted(mail_to))
    monkeypatch.setattr("shared.mail.sending.written", noted(written))
    clock = FixedClock(NOW)
    async with mailbox() as box, running(stack, ["booking"], clock=clock, settings=box.variables) as origin:
        world = await World.made(origin, clock, office_email="kontor@example.se")
        people = [await world.staff(email=f"person{number}@example.se") for number in range(4)]
        session = await world.session(starts=NOW + 30 * DAY)
        beside = asyncio.create_task(others())
        await world.register(session, *people)
        await eventually(lambda: min(map(len, begun.values())) >= len(people), what="all are written")
        counted = [list(at) for at in begun.values()]  # what goes on behind this has nobody beside it
        beside.cancel()
    for at in counted:
        assert len(set(at)) == len(at)
