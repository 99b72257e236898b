"""A mail server for tests, a service that mails to it (`Mailed`), and a calendar program that reads what it took."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from icalendar import Calendar
from starlette.applications import Starlette

from infra.local import mail_sink
from infra.local.process import free_port
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.services import Origin

Mail = dict[str, Any]


@dataclass
class Mailbox:
    """Everything that was sent, oldest first, as `GET /dev/mail` shows it."""

    folder: Path
    client: httpx2.AsyncClient
    port: int
    server: asyncio.Server

    @property
    def variables(self) -> dict[str, str]:
        """By which services are told to send here."""
        return {
            "KURSNAV_SMTP": f"127.0.0.1:{self.port}",
            "KURSNAV_SMTP_SECURITY": "none",
            "KURSNAV_MAIL_FROM": "kursnav <kursnav@example.se>",
        }

    async def mails(self, to: str = "") -> list[Mail]:
        answer = await self.client.get("/dev/mail", params={"to": to})
        items: list[Mail] = answer.json()["items"]
        return items

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Nobody takes mail inside the block."""
        self.server.close()
        yield
        self.server = await mail_sink.start(self.folder, self.port)

    async def until(self, count: int, to: str = "") -> list[Mail]:
        """Waits for so many mails to an address. More than these fail the test."""
        found = await eventually(lambda: self.mails(to), until=lambda mails: len(mails) >= count, what=f"mail to {to}")
        assert len(found) == count, [mail["subject"] for mail in found]
        return found


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """A mail server for the services that are told its variables."""
    with TemporaryDirectory(prefix="kursnav-mail-") as name:
        folder, port = Path(name), free_port()
        transport = httpx2.ASGITransport(Starlette(routes=mail_sink.routes(folder)))
        client = httpx2.AsyncClient(transport=transport, base_url="http://mail.test")
        box = Mailbox(folder, client, port, await mail_sink.start(folder, port))
        try:
            async with client:
                yield box
        finally:
            box.server.close()


@dataclass
class Mailed:
    """A service whose mail goes to a box here, at a time that the test sets."""

    service: str
    origin: Origin
    box: Mailbox
    clock: FixedClock

    async def pass_time(self, now: datetime) -> None:
        """Time passes: all that is due until then is done."""
        self.clock.at = now
        await self.origin.services[self.service].run_due(now)

    async def sent(self) -> None:
        """Waits until everything has arrived and every mail has left."""
        waiting = "SELECT 1 FROM mails WHERE state = 'queued'"
        await self.origin.settled()
        await eventually(
            lambda: self.origin.rows(self.service, waiting), until=lambda left: not left, what="every mail has left"
        )


@dataclass
class Diary:
    """A calendar program: of one UID the highest SEQUENCE counts, and only the organizer of an entry changes it."""

    entries: dict[str, Any] = field(default_factory=dict)
    _known: dict[str, tuple[int, str]] = field(default_factory=dict)

    def take(self, mails: Sequence[Mail]) -> "Diary":
        for mail in mails:
            if "calendar" in mail:
                self._take(mail)
        return self

    def _take(self, mail: Mail) -> None:
        calendar = Calendar.from_ical(mail["calendar"])
        assert calendar["METHOD"] == mail["calendar_method"]
        [event] = calendar.walk("VEVENT")
        uid, sequence, organizer = str(event["UID"]), int(event.decoded("SEQUENCE")), str(event["ORGANIZER"])
        assert str(event["ATTENDEE"]).lower() == f"mailto:{mail['to']}"
        known = self._known.get(uid)
        if known is not None and (sequence <= known[0] or organizer != known[1]):
            return
        self._known[uid] = sequence, organizer
        if mail["calendar_method"] == "CANCEL":
            assert known is not None, "a cancellation of what nobody was invited to"
            self.entries.pop(uid, None)
        else:
            self.entries[uid] = event

    @property
    def times(self) -> list[str]:
        return sorted(f"{event.decoded('DTSTART'):%Y-%m-%d %H:%M}" for event in self.entries.values())
