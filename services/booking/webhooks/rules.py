"""When a delivery is tried again, and what a receiver's answer means."""

from datetime import timedelta
from enum import StrEnum

PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=20),
)
"""Before each further attempt: three days in all."""
GONE = 410


class Fate(StrEnum):
    """What becomes of a delivery after an attempt."""

    DELIVERED = "delivered"
    AGAIN = "pending"
    FAILED = "failed"
    UNWANTED = "unwanted"


def fate(status: int | None, attempt: int) -> Fate:
    """After the attempt with this number (from 0) got this status, None for no answer. A redirect is a failure."""
    if status is not None and 200 <= status < 300:
        return Fate.DELIVERED
    if status == GONE:
        return Fate.UNWANTED
    return Fate.AGAIN if attempt < len(PAUSES) else Fate.FAILED
