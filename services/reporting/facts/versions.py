"""Versions of the facts: one PostgreSQL schema each, and one row that names the version that counts.

Whoever touches facts holds a shared lock from learning the version to the end of its transaction; a swap takes that
lock alone. So no transaction meets half a swap, and nothing is written to facts that do not count any more.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sqlalchemy import TextClause, text

from shared.contracts.topics import ATTENDANCE, BOOKING, CATALOGUE, PARTICIPANTS, SIGNATURES, SURVEYS
from shared.database.unit_of_work import Unit

TOPICS: Final = (BOOKING, ATTENDANCE, SIGNATURES, SURVEYS, CATALOGUE, PARTICIPANTS)
CONSUMER: Final = "reporting"
"""Name of the consumer that records facts, whatever their version: of its group, its positions and dead letters."""

FACTS_LOCK: Final = 5_226_020
_HOLD = text(f"SELECT pg_advisory_xact_lock_shared({FACTS_LOCK})")
_HOLD_ALONE = text(f"SELECT pg_advisory_xact_lock({FACTS_LOCK})")
_ACTIVE = text("SELECT version FROM active_facts")


def schema_of(version: int) -> str:
    """The PostgreSQL schema of a version."""
    return f"facts_v{version}"


def consumer_of(version: int) -> str:
    """The consumer that fills a version while it is rebuilt beside the one that counts."""
    return f"{CONSUMER}-v{version}"


class OfVersion:
    """A statement about `{facts}` and the current state `{at}` of the version that it is asked for."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self.of = lru_cache(maxsize=4)(self._of)

    def _of(self, version: int) -> TextClause:
        schema = schema_of(version)
        return text(self._sql.replace("{facts}", f"{schema}.facts").replace("{at}", schema))


async def in_use(unit: Unit) -> int:
    """The version that counts, and goes on counting until this transaction ends."""
    await unit.execute(_HOLD)
    return await active(unit)


async def alone(unit: Unit) -> None:
    """Waits until nobody touches facts, and keeps everybody out until this transaction ends."""
    await unit.execute(_HOLD_ALONE)


async def active(unit: Unit) -> int:
    """The version that counts now; only with the lock held does it stay so."""
    # A statement of its own: one that waited for the lock would still see what was there before it waited.
    version: int = await unit.scalar(_ACTIVE)
    return version
