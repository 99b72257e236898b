"""The codes of an occasion and how long each of them is good. Pure: no framework, no clock.

TOTP (RFC 6238, HMAC-SHA-256, 8 digits): whoever has the seed makes the codes, also a phone without network.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

PERIOD_SECONDS = 60
PERIODS_GOOD = 2
"""A code is good in its own period and in the next: at most two periods from its making."""
DIGITS = 8
OPENS_BEFORE = timedelta(hours=1)
"""How long before an occasion people may check in."""


def period_of(at: datetime) -> int:
    """The number of the period that an instant lies in."""
    return int(at.timestamp()) // PERIOD_SECONDS


def code_of(seed: bytes, period: int) -> str:
    """The code of a period (RFC 4226, 5.3)."""
    digest = hmac.digest(seed, period.to_bytes(8), hashlib.sha256)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def valid_until(period: int) -> datetime:
    """The first instant at which the code of a period is refused."""
    return datetime.fromtimestamp((period + PERIODS_GOOD) * PERIOD_SECONDS, UTC)


def is_good(code: str, seed: bytes, at: datetime) -> bool:
    """Whether a code is one of those that are good at an instant."""
    now = period_of(at)
    good = [code_of(seed, period) for period in range(now - PERIODS_GOOD + 1, now + 1)]
    return any(hmac.compare_digest(code.encode(), one.encode()) for one in good)


def is_open(starts_at: datetime, ends_at: datetime, at: datetime) -> bool:
    """Whether people may check in at an occasion."""
    return starts_at - OPENS_BEFORE <= at < ends_at
