"""What the stack mailed, read by the people of the demo: the links and codes that nobody else is told."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from infra.demo.actors import Coordinator

PATIENCE = 60.0
POLL_SECONDS = 0.2
CODE = re.compile(r"(?:Koden är|The code is) (\d{6})")


class MailMissingError(Exception):
    """A mail that should have come did not."""


def link_to(page: str) -> re.Pattern[str]:
    """The token at the end of an address of this page."""
    return re.compile(rf"/{page}/([\w-]+)")


async def mailed(office: Coordinator, pattern: re.Pattern[str], count: int = 1, to: str = "") -> list[str]:
    """What the pattern finds in the mails to somebody, once there is so much of it, oldest first.

    Raises MailMissingError.
    """
    deadline = time.monotonic() + PATIENCE
    while len(found := _found(await office.mails(to), pattern)) < count:
        if time.monotonic() > deadline:
            raise MailMissingError(f"{count} mails to {to or 'anybody'} should have come, and {len(found)} did")
        await asyncio.sleep(POLL_SECONDS)
    return found


def _found(mails: list[dict[str, Any]], pattern: re.Pattern[str]) -> list[str]:
    """Each only once: a mail says the same in two languages."""
    return list(dict.fromkeys(one for mail in mails for one in pattern.findall(mail.get("text", ""))))
