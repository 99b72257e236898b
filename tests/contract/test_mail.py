"""What a mail promises: nothing is lost while the server is away, nothing goes twice, what is refused can be seen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import asyncpg
import pytest
from aiosmtpd.smtp import SMTP

from infra.local.process import free_port
from shared.database.unit_of_work import Units
from shared.jobs.worker import Worker
from shared.mail.message import Calendar, Mail, Sender
from shared.mail.sending import Postbox
from shared.mail.server import Connection, MailServer
from tests.support.clock import FixedClock
from tests.support.databases import superuser_url
from tests.support.eventually import eventually
from tests.support.mechanisms import CIPHER
from tests.support.stack import Stack

MINUTE = timedelta(minutes=1)


@dataclass
class Server:
    """A mail server that gives these answers, then its usual ones."""

    port: int
    recipient: str = "250 OK"
    sender: str = "250 OK"
    answers: list[str] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)
    connections: int = 0
    latest: Any = None
    patience: int = 1000  # mails over one connection

    async def handle_EHLO(self, server: Any, session: Any, _e: Any, hostname: str, answers: list[str]) -> list[str]:  # noqa: N802
        self.connections, self.latest = self.connections + 1, server
        session.host_name, session.taken = hostname, 0
        return answers

    async def handle_MAIL(self, _s: Any, session: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        if session.taken == self.patience:
            return "421 enough of you"
        envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, _s: Any, _session: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        return "550 no such user" if address.startswith("nobody") else self.recipient

    async def handle_DATA(self, _s: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        session.taken += 1
        self.seen.append(envelope.content)
        return self.answers.pop(0) if self.answers else "250 kept"

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True), "127.0.0.1", self.port)
        try:
            yield
        finally:
            server.close()


@dataclass
class Sending:
    """One service's mail, on a clock of its own."""

    units: Units
    server: Server
    clock: FixedClock

    @property
    def postbox(self) -> Postbox:
        address = MailServer("127.0.0.1", self.server.port, "none")
        return Postbox(Sender("kursnav <kursnav@example.se>"), address, CIPHER)

    async def post(self, *mails: Mail) -> None:
        async with self.units.system() as unit:
            await self.postbox.post(unit, mails)

    async def run(self, after: timedelta = timedelta()) -> None:
        self.clock.advance(after)
        await Worker(self.postbox.kinds, CIPHER).run_due(self.units)

    async def row(self) -> dict[str, Any]:
        async with self.units.system() as unit:
            return dict(await unit.one("SELECT state, attempts, reason FROM mails"))

    def mail(self, **fields: Any) -> Mail:
        useful = self.clock.now() + timedelta(days=5)
        mail = Mail("k/1", "test", "a@example.se", "participant", "sv", "Ämne", "Text\n", "<p>Text</p>", useful)
        return replace(mail, **fields)


@pytest.fixture
def sending(units: Units) -> Sending:
    clock = FixedClock(units.clock.now())
    return Sending(replace(units, clock=clock), Server(free_port()), clock)


async def test_while_the_server_is_away_a_mail_waits_and_then_goes_once(sending: Sending) -> None:
    await sending.post(sending.mail())
    for _ in range(3):
        await sending.run(15 * MINUTE)
    waiting = await sending.row()
    assert (waiting["state"], waiting["attempts"]) == ("queued", 3)
    assert "Connect" in waiting["reason"]
    async with sending.server.up():
        for _ in range(3):
            await sending.run(15 * MINUTE)
    assert await sending.row() == {"state": "sent", "attempts": 4, "reason": None}
    assert len(sending.server.seen) == 1


async def test_each_attempt_sends_the_same_bytes_and_pauses_grow(sending: Sending) -> None:
    sending.server.answers = ["451 busy", "452 full"]
    await sending.post(sending.mail())
    async with sending.server.up():
        await sending.run()
        await sending.run(timedelta(seconds=9))
        assert len(sending.server.seen) == 1
        await sending.run(timedelta(seconds=1))
        await sending.run(timedelta(seconds=19))
        assert len(sending.server.seen) == 2
        await sending.run(timedelta(seconds=1))
    first, *others = sending.server.seen
    assert others == [first, first]
    assert message_from_bytes(first)["Message-ID"].endswith("@example.se>")
    assert (await sending.row())["state"] == "sent"


@pytest.mark.parametrize(("asked", "state"), [("550 no such user", "refused"), ("450 greylisted", "queued")])
async def test_a_refused_address_is_seen_with_the_servers_words(sending: Sending, asked: str, state: str) -> None:
    sending.server.recipient = asked
    await sending.post(sending.mail())
    async with sending.server.up():
        await sending.run()
    assert await sending.row() == {"state": state, "attempts": 1, "reason": asked}


async def test_that_we_may_not_send_is_our_fault_and_loses_no_mail(sending: Sending) -> None:
    sending.server.sender = "550 relaying denied"
    await sending.post(sending.mail())
    async with sending.server.up():
        await sending.run()
        assert (await sending.row())["state"] == "queued"
        sending.server.sender = "250 OK"
        await sending.run(MINUTE)
    assert (await sending.row())["state"] == "sent"


async def test_what_has_become_useless_is_not_sent(sending: Sending) -> None:
    await sending.post(sending.mail(useful_until=sending.clock.now() + MINUTE))
    async with sending.server.up():
        await sending.run(MINUTE)
    assert (await sending.row())["state"] == "expired"
    assert sending.server.seen == []


async def test_who_was_erased_while_it_waited_gets_none(sending: Sending, stack: Stack, database: str) -> None:
    """An erasure takes the address out of the list of mails; it stands nowhere else in plain text."""
    await sending.post(sending.mail())
    admin = await asyncpg.connect(superuser_url(stack.admin_url, database))
    try:
        jobs = str(await admin.fetch("SELECT * FROM jobs"))
        await admin.execute("UPDATE mails SET recipient = NULL")
    finally:
        await admin.close()
    async with sending.server.up():
        await sending.run()
    assert await sending.row() == {"state": "expired", "attempts": 0, "reason": "recipient-erased"}
    assert sending.server.seen == []
    assert "a@example.se" not in jobs


async def test_about_one_thing_one_mail_goes_whoever_asks_again(sending: Sending) -> None:
    for _ in range(2):
        await sending.post(sending.mail())
    async with sending.server.up():
        await sending.run()
        await sending.post(sending.mail())
        await sending.run()
    assert len(sending.server.seen) == 1


async def test_a_mail_of_what_was_rolled_back_is_none(sending: Sending) -> None:
    async def fails() -> None:
        async with sending.units.system() as unit:
            await sending.postbox.post(unit, [sending.mail()])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    async with sending.server.up():
        await sending.run()
    assert sending.server.seen == []


@pytest.mark.parametrize("address", ["a,b@example.se", "a;b@example.se", "(a)@example.se", "a<b@example.se"])
async def test_an_address_that_no_mail_can_have_is_refused_at_once(sending: Sending, address: str) -> None:
    await sending.post(sending.mail(to=address))
    assert (await sending.row())["reason"] == "unusable-address"


async def test_an_address_in_swedish_letters_is_written_to(sending: Sending) -> None:
    await sending.post(sending.mail(to="åsa@örebro.example"))
    async with sending.server.up():
        await sending.run()
    assert (await sending.row())["state"] == "sent"


async def test_the_calendar_part_is_base64_and_names_its_method(sending: Sending) -> None:
    content = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    await sending.post(sending.mail(calendar=Calendar("REQUEST", content)))
    async with sending.server.up():
        await sending.run()
    [part] = [
        part for part in message_from_bytes(sending.server.seen[0]).walk() if part.get_content_type() == "text/calendar"
    ]
    assert part["Content-Transfer-Encoding"] == "base64"
    assert (part.get_param("method"), part.get_param("charset")) == ("REQUEST", "utf-8")
    assert part.get_payload(decode=True) == content
    await sending.run()


async def test_what_was_written_is_gone_from_the_database_once_it_has_left(sending: Sending) -> None:
    await sending.post(sending.mail())
    async with sending.server.up():
        await sending.run()
    async with sending.units.system() as unit:
        assert [row["content"] for row in await unit.all("SELECT content FROM jobs")] == [None]


# --- many at once ----------------------------------------------------------------------------------------------------


def many(sending: Sending, count: int = 60) -> list[Mail]:
    return [sending.mail(key=f"k/{n}", to=f"a{n}@example.se") for n in range(count)]


async def states(sending: Sending) -> dict[tuple[str, int], int]:
    """How many mails are in which state after how many attempts."""
    async with sending.units.system() as unit:
        rows = await unit.all("SELECT state, attempts, count(*) AS mails FROM mails GROUP BY state, attempts")
    return {(row["state"], row["attempts"]): row["mails"] for row in rows}


def recipients(server: Server) -> list[str]:
    return [message_from_bytes(content)["To"] for content in server.seen]


async def test_many_go_over_one_connection_after_the_other_each_once_in_their_order(sending: Sending) -> None:
    mails = many(sending)
    await sending.post(*mails)
    async with sending.server.up():
        await sending.run()
    assert recipients(sending.server) == [mail.to for mail in mails]
    assert await states(sending) == {("sent", 1): 60}
    assert sending.server.connections == 2, "fifty are taken at a time"


async def test_a_server_that_is_away_is_asked_once_and_all_wait_alike(sending: Sending) -> None:
    await sending.post(*many(sending))
    worker = Worker(sending.postbox.kinds, CIPHER)
    await worker.run_due(sending.units)
    assert await states(sending) == {("queued", 1): 1, ("queued", 0): 59}
    async with sending.units.system() as unit:
        waits = [row["run_at"] - sending.clock.now() for row in await unit.all("SELECT DISTINCT run_at FROM jobs")]
        assert await unit.scalar("SELECT count(DISTINCT reason) FROM mails WHERE reason LIKE '%Connect%'") == 1
    assert waits == [timedelta(seconds=10)]
    sending.clock.advance(waits[0])
    await worker.run_due(sending.units)
    assert await states(sending) == {("queued", 2): 1, ("queued", 0): 59}
    async with sending.server.up():
        await sending.post(sending.mail(key="k/new"))
        sending.clock.advance(MINUTE)
        await worker.run_due(sending.units)
    assert await states(sending) == {("sent", 1): 60, ("sent", 3): 1}


async def test_one_refused_among_many_is_seen_and_the_others_go(sending: Sending) -> None:
    first, *others = many(sending, 5)
    await sending.post(first, sending.mail(key="k/x", to="nobody@example.se"), *others)
    async with sending.server.up():
        await sending.run()
    assert await states(sending) == {("sent", 1): 5, ("refused", 1): 1}
    assert sending.server.connections == 2, "what it holds against one connection is no fault of the next mail's"


async def test_to_swedish_letters_it_goes_though_the_server_has_ended_the_kept_connection(sending: Sending) -> None:
    address = MailServer("127.0.0.1", sending.server.port, "none")
    async with sending.server.up(), Connection(address, sending.clock) as connection:
        await connection.send("kursnav@example.se", "a@example.se", b"Subject: 1\r\n\r\n")
        sending.server.latest.transport.close()
        await eventually(lambda: not connection.connected)
        await connection.send("kursnav@example.se", "åsa@example.se", b"Subject: 2\r\n\r\n")
    assert len(sending.server.seen) == 2


async def test_a_server_that_takes_few_over_one_connection_gets_another(sending: Sending) -> None:
    sending.server.patience = 2
    await sending.post(*many(sending, 5))
    async with sending.server.up():
        await sending.run()
    assert await states(sending) == {("sent", 1): 5}
    assert sending.server.connections == 3
