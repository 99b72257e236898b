"""The mail server (SMTP), and what its answers mean."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Literal

import aiosmtplib
import structlog
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from shared.clock import Clock

log = structlog.get_logger(__name__)

SECONDS = 20.0
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 900.0  # seconds
LONGEST_ABSENCE = 60.0  # seconds: one question for all is cheap, and whoever waits for a code waits no longer than that
CLOSING = 421  # the server ends the connection, after so and so many mails, say
FAULTS = (SMTPException, OSError, EOFError)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
Security = Literal["starttls", "tls", "none"]


class Refused(Exception):
    """The server will not take this mail, today or tomorrow."""


class NotTaken(Exception):
    """The server is busy, or not ours to send through: the same mail may be taken later."""


class Away(NotTaken):
    """Nobody can be sent anything for so long. Not `asked`: because of what the server was a moment ago."""

    def __init__(self, said: str, pause: timedelta, *, asked: bool) -> None:
        super().__init__(said)
        self.pause, self.asked = pause, asked


@dataclass
class Absence:
    """For how long this process leaves alone a server that it could not connect to."""

    tries: int = 0
    began: datetime = LONG_AGO
    pause: timedelta = timedelta()
    said: str = ""

    def begin(self, said: str, now: datetime) -> Away:
        self.tries, self.began, self.said = self.tries + 1, now, said
        self.pause = pause_after(self.tries, LONGEST_ABSENCE)
        return Away(said, self.pause, asked=True)

    def check(self, now: datetime) -> None:
        """Raises Away. A clock that was put back, as a development stack's, makes nobody wait."""
        passed = now - self.began
        if timedelta() <= passed < self.pause:
            raise Away(self.said, self.pause - passed, asked=False)

    def end(self) -> None:
        self.tries, self.pause = 0, timedelta()


def pause_after(tries: int, longest: float = LONGEST_PAUSE) -> timedelta:
    """Doubling, up to a quarter of an hour."""
    return timedelta(seconds=min(longest, FIRST_PAUSE * 2.0 ** (tries - 1)))


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = ""
    absence: Absence = field(default_factory=Absence, compare=False)

    async def connected(self, clock: Clock) -> aiosmtplib.SMTP:
        """A new connection. Raises Away: all mails wait alike, and one attempt tells all of them."""
        self.absence.check(clock.now())
        client = self._client()
        try:
            await client.connect()
            await _greet(client)
        except FAULTS as error:
            client.close()
            log.warning("mail_server_away", error=type(error).__name__)
            raise self.absence.begin(_said(error), clock.now()) from error
        self.absence.end()
        return client

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            username=self.user or None,
            password=self.password or None,
            timeout=SECONDS,
        )


class Connection:
    """One connection for some mails, opened by the first. One that broke is opened anew for the next mail."""

    def __init__(self, server: MailServer, clock: Clock) -> None:
        self.server, self.clock = server, clock
        self._client: aiosmtplib.SMTP | None = None

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    async def __aenter__(self) -> "Connection":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None and error is None:
            with suppress(*FAULTS):
                await self._client.quit()
        self._drop()

    async def send(self, sender: str, to: str, message: bytes) -> None:
        """Hands a mail over. Raises Refused, NotTaken, Away."""
        try:
            client = await self._begun(sender, to, len(message))
            await client.rcpt(to, encoding=_encoding(to))
            await client.data(message)
        except BaseException as error:
            self._drop()  # nothing of this mail, and nothing that the server held against it, is left for the next one
            if isinstance(error, FAULTS):
                raise _meaning(error) from error
            raise

    async def _begun(self, sender: str, to: str, size: int) -> aiosmtplib.SMTP:
        """The connection with a mail begun. That the server has given up one that was kept shows here, where no mail is
        under way yet: then a new one is as good.
        """
        kept = self._client
        if kept is not None and self.connected:  # one that is not knows no longer what the server can
            try:
                return await _begin(kept, sender, to, size)
            except (SMTPServerDisconnected, SMTPSenderRefused) as error:
                if getattr(error, "code", CLOSING) != CLOSING:
                    raise
                self._drop()
        self._client = await self.server.connected(self.clock)
        return await _begin(self._client, sender, to, size)

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


async def _greet(client: aiosmtplib.SMTP) -> None:
    if client.is_ehlo_or_helo_needed:  # neither TLS nor a login has asked
        try:
            await client.ehlo()
        except SMTPHeloError:
            await client.helo()


async def _begin(client: aiosmtplib.SMTP, sender: str, to: str, size: int) -> aiosmtplib.SMTP:
    options = [f"size={size}"] if client.supports_extension("size") else []
    if not to.isascii():
        if not client.supports_extension("smtputf8"):
            raise SMTPNotSupported("SMTPUTF8 is not supported by this server")
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    await client.mail(sender, options=options, encoding=_encoding(to))
    return client


def _encoding(address: str) -> str:
    return "ascii" if address.isascii() else "utf-8"


def _meaning(error: Exception) -> Refused | NotTaken:
    """A refusal of address or content is final. Of the sender or the login it is a fault in our own settings."""
    if isinstance(error, SMTPRecipientRefused | SMTPDataError):
        final = error.code >= 500
    else:
        final = isinstance(error, SMTPNotSupported)
    return Refused(_said(error)) if final else NotTaken(_said(error))


def _said(error: Exception) -> str:
    """The server's words, as the database can hold them."""
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, SMTPRecipientRefused | SMTPDataError):
        said = f"{error.code} {error.message}"
    return said.encode(errors="replace").decode().replace("\x00", "?")
