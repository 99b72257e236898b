"""From a transaction to the mail server: a row and a job now, the same bytes at every attempt until they are taken.

What is promised (docs/decisions/0080-what-a-mail-promises.md): a mail is lost by nobody but the receiving side, and the
server gets it twice only when a process or a connection dies between its yes and our commit. Both copies then have one
Message-ID.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from typing import Any
from uuid import UUID

import structlog
from pydantic import TypeAdapter
from pydantic_core import to_json
from sqlalchemy import text

from shared.database.unit_of_work import Unit
from shared.jobs.queue import enqueue, enqueue_all
from shared.jobs.worker import Job, Kind
from shared.mail.message import Mail, Sender, written
from shared.mail.rendering import without
from shared.mail.server import MailServer, NotTaken, Refused
from shared.security.cipher import Cipher
from shared.settings import ServiceSettings

log = structlog.get_logger(__name__)

SEND = "send-mail"
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 900.0  # seconds
AS_JSON: TypeAdapter[Mail] = TypeAdapter(Mail)
"""How a mail waits that is put into words when it is sent."""
NO_ADDRESS, FORGOTTEN = "no-address", "recipient-erased"
UNUSABLE = (ValueError, IndexError, MessageError)  # what the library raises for an address that no mail can have

ADD = """
    INSERT INTO mails SELECT * FROM json_populate_recordset(CAST(NULL AS mails), CAST(CAST($1 AS text) AS json))
    ON CONFLICT (key) DO NOTHING RETURNING id
"""
POSTED = text("SELECT key FROM mails WHERE key = ANY(CAST(:keys AS text[]))")
TO_WHOM = text("SELECT recipient FROM mails WHERE id = :id")
NOTE = text(
    "UPDATE mails SET state = :state, attempts = attempts + :sent, reason = :reason, ended_at = :ended_at "
    "WHERE id = :id AND state = 'queued'"
)


Erased = Callable[[Unit, Sequence[UUID]], Awaitable[Collection[UUID]]]


async def nobody(_unit: Unit, _people: Sequence[UUID]) -> Collection[UUID]:
    return ()


async def posted(unit: Unit, keys: Iterable[str]) -> set[str]:
    """Those of the keys under which something was mailed, or is about to be. Only in system scope."""
    return {row["key"] for row in await unit.all(POSTED, {"keys": list(keys)})}


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt; `queued`: the next one follows."""

    state: str
    reason: str | None = None
    attempted: bool = True


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
        return [Kind(SEND, self._send, failed=_gave_up, lane="mail")] if self.server else []

    async def post(self, unit: Unit, mails: Sequence[Mail]) -> None:
        """Queues mails with this transaction; what was queued under the same key before is left as it is."""
        at = unit.recorded_at
        written = {mail.id: (mail, *self._written(mail, at)) for mail in mails}
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

    async def _send(self, job: Job) -> None:
        outcome = await self._attempt(job)
        now = job.units.clock.now()
        async with job.effect() as unit, unit.as_system():
            await unit.execute(NOTE, _noted(UUID(job.request["mail"]), outcome, now))
            if outcome.state == "queued":
                tries = job.request["tries"] + 1
                again = {**job.request, "tries": tries}
                await enqueue(
                    unit, SEND, again, run_at=now + pause_after(tries), content=job.content, cipher=self.cipher
                )

    async def _attempt(self, job: Job) -> Outcome:
        assert self.server is not None
        assert job.content is not None
        if datetime.fromisoformat(job.request["useful_until"]) <= job.units.clock.now():
            return Outcome("expired", attempted=False)
        recipient = await _recipient(job)
        if recipient is None:
            return Outcome("expired", FORGOTTEN, attempted=False)
        content = await self._content(job)
        if content is None:
            return Outcome("expired", FORGOTTEN, attempted=False)
        try:
            await self.server.send(self.sender.address, recipient, content)
        except Refused as refused:
            log.warning("mail_refused", mail=job.request["mail"])
            return Outcome("refused", str(refused))
        except NotTaken as error:
            # Without the server's words, which may hold the address.
            log.warning("mail_not_taken", mail=job.request["mail"], tries=job.request["tries"])
            return Outcome("queued", str(error))
        return Outcome("sent")

    async def _content(self, job: Job) -> bytes | None:
        """What is sent: what was written, or without those who were erased since; None: nobody is left."""
        people = [UUID(one) for one in job.request.get("people", ())]
        if not people or job.content is None:
            return job.content
        async with job.units.system() as unit:
            mail = without(AS_JSON.validate_json(job.content), await self.erased(unit, people))
        return None if mail is None else written(mail, self.sender, datetime.fromisoformat(job.request["at"]))


async def _recipient(job: Job) -> str | None:
    """To whom it goes, as is known now; None: the person was erased since it was written."""
    async with job.units.system() as unit:
        found: str | None = await unit.scalar(TO_WHOM, {"id": UUID(job.request["mail"])})
    return found


def pause_after(tries: int) -> timedelta:
    """Doubling, up to a quarter of an hour."""
    return timedelta(seconds=min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (tries - 1)))


async def _gave_up(unit: Unit, job: Job, reason: str) -> None:
    outcome = Outcome("refused", reason, attempted=False)
    await unit.execute(NOTE, _noted(UUID(job.request["mail"]), outcome, unit.recorded_at))


def _noted(mail: UUID, outcome: Outcome, now: datetime) -> dict[str, Any]:
    ended = None if outcome.state == "queued" else now
    reason = outcome.reason and outcome.reason[:500]
    return {"id": mail, "state": outcome.state, "reason": reason, "sent": int(outcome.attempted), "ended_at": ended}


def _job(mail: Mail, content: bytes, at: datetime) -> tuple[dict[str, Any], bytes]:
    """The request and the content of the job that sends a mail."""
    request = {"mail": mail.id, "useful_until": mail.useful_until, "tries": 0}
    if not mail.people:
        return request, content
    return {**request, "people": mail.people, "at": at}, AS_JSON.dump_json(mail)


def _row(mail: Mail, at: datetime, reason: str | None) -> dict[str, Any]:
    names = ("id", "key", "kind", "subject", "language", "session_id", "person_id", "municipality", "useful_until")
    row = {name: getattr(mail, name) for name in names} | {"recipient": mail.to, "recipient_role": mail.role}
    state, ended = ("queued", None) if reason is None else ("refused", at)
    return row | {"state": state, "attempts": 0, "reason": reason, "queued_at": at, "ended_at": ended}
