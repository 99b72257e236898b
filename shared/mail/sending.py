"""From a transaction to the mail server: a row and a job now, the same bytes at every attempt until they are taken.

Many are sent over one connection, one after the other; what became of each is written down at once, and of those that
come meanwhile together.

What is promised (docs/decisions/0080-what-a-mail-promises.md): a mail is lost by nobody but the receiving side, and the
server gets it twice only when a process or a connection dies between its yes and our commit. Both copies then have one
Message-ID.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from pydantic import TypeAdapter
from pydantic_core import to_json
from sqlalchemy import text

from shared.database.unit_of_work import Unit
from shared.jobs.job import Job
from shared.jobs.queue import enqueue_all
from shared.jobs.together import Together
from shared.jobs.worker import Kind
from shared.mail.message import Mail, Sender, written
from shared.mail.rendering import without
from shared.mail.server import Away, Connection, MailServer, NotTaken, Refused, pause_after
from shared.security.cipher import Cipher
from shared.settings import ServiceSettings
from shared.turns import in_turns

log = structlog.get_logger(__name__)

SEND = "send-mail"
TOGETHER = 50  # mails that are taken at a time
FRESH_SECONDS = 1.0  # for which it is known to whom mails go: who is erased meanwhile gets none
AS_JSON: TypeAdapter[Mail] = TypeAdapter(Mail)
"""How a mail waits that is put into words when it is sent."""
NO_ADDRESS, FORGOTTEN = "no-address", "recipient-erased"
UNUSABLE = (ValueError, IndexError, MessageError)  # what the library raises for an address that no mail can have

ADD = """
    INSERT INTO mails SELECT * FROM json_populate_recordset(CAST(NULL AS mails), CAST(CAST($1 AS text) AS json))
    ON CONFLICT (key) DO NOTHING RETURNING id
"""
POSTED = text("SELECT key FROM mails WHERE key = ANY(CAST(:keys AS text[]))")
TO_WHOM = "SELECT id, recipient, attempts FROM mails WHERE id = ANY($1::uuid[])"
NOTE = """
    UPDATE mails SET state = became.state, attempts = attempts + became.asked, reason = became.reason,
           ended_at = CASE WHEN became.state <> 'queued' THEN CAST($5 AS timestamptz) END
      FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[]) AS became (id, state, asked, reason)
     WHERE mails.id = became.id AND mails.state = 'queued'
"""


Erased = Callable[[Unit, Sequence[UUID]], Awaitable[Collection[UUID]]]


async def nobody(_unit: Unit, _people: Sequence[UUID]) -> Collection[UUID]:
    return ()


async def posted(unit: Unit, keys: Iterable[str]) -> set[str]:
    """Those of the keys under which something was mailed, or is about to be. Only in system scope."""
    return {row["key"] for row in await unit.all(POSTED, {"keys": list(keys)})}


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt; `queued`: the next one follows, `again`."""

    mail: UUID
    state: str
    reason: str | None = None
    asked: bool = True
    again: datetime | None = None


@dataclass(frozen=True)
class Postbox:
    """Takes mail in the transaction of what it follows from, and sends it later. Without a server it waits.

    `cipher` is that of the service's jobs, None in reporting, whose mails name nobody; `erased` says who of these
    people is forgotten.
    """

    sender: Sender
    server: MailServer | None
    cipher: Cipher | None
    erased: Erased = nobody

    @classmethod
    def from_settings(cls, settings: ServiceSettings, cipher: Cipher | None, erased: Erased = nobody) -> "Postbox":
        host, _, port = settings.smtp.rpartition(":")
        server = None
        if host:
            secured = settings.smtp_security, settings.smtp_user, settings.smtp_password
            server = MailServer(host, int(port), *secured)
        return cls(Sender(settings.mail_from), server, cipher, erased)

    @property
    def kinds(self) -> list[Kind]:
        """The job that sends; none without a server."""
        together = Together(TOGETHER, self._sending, _note)
        return [Kind(SEND, together, failed=_gave_up, lane="mail")] if self.server else []

    async def post(self, unit: Unit, mails: Sequence[Mail]) -> None:
        """Queues mails with this transaction; what was queued under the same key before is left as it is."""
        at = unit.recorded_at
        written = {mail.id: (mail, *self._written(mail, at)) async for mail in in_turns(mails)}
        if not written:
            return
        async with unit.as_system():
            rows = [_row(mail, at, reason) for mail, _, reason in written.values()]
            added = [written[row["id"]] for row in await unit.fetch(ADD, to_json(rows).decode())]
            wanted = [_job(mail, content, at) for mail, content, _ in added if content is not None]
            await enqueue_all(unit, SEND, wanted, cipher=self.cipher)

    def _written(self, mail: Mail, at: datetime) -> tuple[bytes | None, str | None]:
        if not mail.to:
            return None, NO_ADDRESS
        try:
            return written(mail, self.sender, at), None
        except UNUSABLE:
            return None, "unusable-address"

    @asynccontextmanager
    async def _sending(self, jobs: Sequence[Job]) -> AsyncIterator[Callable[[Job], Awaitable[Outcome]]]:
        assert self.server is not None
        async with Connection(self.server, jobs[0].units.clock) as connection:
            yield partial(self._send, connection, Standing(jobs))

    async def _send(self, connection: Connection, standing: "Standing", job: Job) -> Outcome:
        mail, clock = UUID(job.request["mail"]), job.units.clock
        if datetime.fromisoformat(job.request["useful_until"]) <= clock.now():
            return Outcome(mail, "expired", asked=False)
        recipient, attempts = await standing.of(mail)
        content = None if recipient is None else await self._content(job)
        if recipient is None or content is None:
            return Outcome(mail, "expired", FORGOTTEN, asked=False)
        try:
            await connection.send(self.sender.address, recipient, content)
        except Refused as refused:
            log.warning("mail_refused", mail=job.request["mail"])
            return Outcome(mail, "refused", str(refused))
        except Away as away:
            return Outcome(mail, "queued", str(away), asked=away.asked, again=clock.now() + away.pause)
        except NotTaken as error:
            # Without the server's words, which may hold the address.
            log.warning("mail_not_taken", mail=job.request["mail"], attempts=attempts + 1)
            return Outcome(mail, "queued", str(error), again=clock.now() + pause_after(attempts + 1))
        return Outcome(mail, "sent")

    async def _content(self, job: Job) -> bytes | None:
        """What is sent: what was written, or without those who were erased since; None: nobody is left."""
        people = [UUID(one) for one in job.request.get("people", ())]
        if not people or job.content is None:
            return job.content
        async with job.units.system() as unit:
            mail = without(AS_JSON.validate_json(job.content), await self.erased(unit, people))
        return None if mail is None else written(mail, self.sender, datetime.fromisoformat(job.request["at"]))


class Standing:
    """To whom mails go, as is known now, and how often they were tried."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._units = jobs[0].units
        self._waiting = [UUID(job.request["mail"]) for job in jobs]
        self._known: Mapping[UUID, Mapping[str, Any]] = {}
        self._read = float("-inf")

    async def of(self, mail: UUID) -> tuple[str | None, int]:
        """No recipient: the person was erased since the mail was written."""
        if time.monotonic() - self._read > FRESH_SECONDS:
            async with self._units.system() as unit:
                self._known = {row["id"]: row for row in await unit.fetch(TO_WHOM, self._waiting)}
            self._read = time.monotonic()
        found = self._known.get(mail)
        return (found["recipient"], found["attempts"]) if found else (None, 0)


async def _gave_up(unit: Unit, job: Job, reason: str) -> None:
    await _note(unit, [Outcome(UUID(job.request["mail"]), "refused", reason, asked=False)])


async def _note(unit: Unit, outcomes: Sequence[Outcome]) -> None:
    ordered = sorted(outcomes, key=lambda one: one.mail)  # an erasure locks rows of several, too
    rows = [(one.mail, one.state, int(one.asked), one.reason and one.reason[:500]) for one in ordered]
    if rows:
        await unit.fetch(NOTE, *map(list, zip(*rows, strict=True)), unit.recorded_at)


def _job(mail: Mail, content: bytes, at: datetime) -> tuple[dict[str, Any], bytes]:
    """The request and the content of the job that sends a mail."""
    # `tries` is read by the version before this one, beside which it may run.
    request = {"mail": mail.id, "useful_until": mail.useful_until, "tries": 0}
    if not mail.people:
        return request, content
    return {**request, "people": mail.people, "at": at}, AS_JSON.dump_json(mail)


def _row(mail: Mail, at: datetime, reason: str | None) -> dict[str, Any]:
    names = ("id", "key", "kind", "subject", "language", "session_id", "person_id", "municipality", "useful_until")
    row = {name: getattr(mail, name) for name in names} | {"recipient": mail.to, "recipient_role": mail.role}
    state, ended = ("queued", None) if reason is None else ("refused", at)
    return row | {"state": state, "attempts": 0, "reason": reason, "queued_at": at, "ended_at": ended}
