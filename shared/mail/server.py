"""The mail server (SMTP), and what its answers mean."""

from dataclasses import dataclass
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTPDataError, SMTPException, SMTPNotSupported, SMTPRecipientRefused, SMTPRecipientsRefused

SECONDS = 20.0
Security = Literal["starttls", "tls", "none"]


class Refused(Exception):
    """The server will not take this mail, today or tomorrow."""


class NotTaken(Exception):
    """The server is away, busy, or not ours to send through: the same mail may be taken later."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. One connection a mail: mails are few, and a kept one is a lost one."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = ""

    async def send(self, sender: str, to: str, message: bytes) -> None:
        """Hands a mail over. Raises Refused, NotTaken."""
        try:
            async with self._connected() as client:
                options = ["SMTPUTF8", "BODY=8BITMIME"] if not to.isascii() else []
                await client.sendmail(sender, [to], message, mail_options=options)
        except (SMTPException, OSError, EOFError) as error:
            raise _meaning(error) from error

    def _connected(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            username=self.user or None,
            password=self.password or None,
            timeout=SECONDS,
        )


def _meaning(error: Exception) -> Refused | NotTaken:
    """A refusal of address or content is final. Of the sender or the login it is a fault in our own settings."""
    if isinstance(error, SMTPRecipientsRefused):
        [error] = error.recipients
    if isinstance(error, SMTPRecipientRefused | SMTPDataError):
        final, said = error.code >= 500, f"{error.code} {error.message}"
    else:
        final, said = isinstance(error, SMTPNotSupported), f"{type(error).__name__}: {error}"
    return Refused(said) if final else NotTaken(said)
