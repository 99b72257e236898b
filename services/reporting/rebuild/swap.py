"""The swap: one transaction in which a rebuilt version begins to count, with its positions and its dead letters."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from services.reporting.facts.versions import CONSUMER, OfVersion, consumer_of
from shared.database.unit_of_work import Unit

BY: Final = "kursnav rebuild"

_ACTIVATE = text("UPDATE active_facts SET version = :version, since = :at WHERE version = :before")
_TAKE_POSITIONS = text(
    "INSERT INTO consumer_positions AS live (consumer, topic, partition, next_offset) "
    "SELECT :live, topic, partition, next_offset FROM consumer_positions WHERE consumer = :rebuilt "
    "ORDER BY topic, partition ON CONFLICT (consumer, topic, partition) "
    "DO UPDATE SET next_offset = greatest(live.next_offset, excluded.next_offset)"
)
_FORGET_POSITIONS = text("DELETE FROM consumer_positions WHERE consumer = :rebuilt")

# Applied once, and now it cannot be: the new row asks again.
_REOPEN = text(
    "DELETE FROM dead_letters AS known USING dead_letters AS found "
    "WHERE known.consumer = :live AND known.state = 'replayed' "
    "AND found.consumer = :rebuilt AND found.state = 'dead' AND found.identity = known.identity"
)
# Could not be applied, and now it is.
_CLOSE = OfVersion(
    "UPDATE dead_letters AS known SET state = 'replayed', decided_at = :at, decided_by = :by, "
    "decision_reason = :reason WHERE known.consumer = :live AND known.state = 'dead' AND EXISTS ("
    "SELECT 1 FROM {facts} AS fact WHERE fact.topic = known.topic AND fact.partition = known.partition "
    'AND fact."offset" = known."offset")'
)
_FORGET_KNOWN = text(
    "DELETE FROM dead_letters AS found USING dead_letters AS known "
    "WHERE found.consumer = :rebuilt AND known.consumer = :live AND known.identity = found.identity"
)
_TAKE_LETTERS = text("UPDATE dead_letters SET consumer = :live WHERE consumer = :rebuilt")


class SwappedAlready(Exception):
    """Another version counts than the one that this rebuild was made beside."""


async def swap(unit: Unit, version: int) -> None:
    """Lets a version count instead of the one before it. Raises SwappedAlready."""
    names = {"live": CONSUMER, "rebuilt": consumer_of(version)}
    at = {"at": unit.recorded_at}
    activated = await unit.execute(_ACTIVATE, {"version": version, "before": version - 1} | at)
    if not activated.rowcount:
        raise SwappedAlready(f"version {version - 1} of the facts does not count any more; run the rebuild again")
    await unit.execute(_TAKE_POSITIONS, names)
    await unit.execute(_FORGET_POSITIONS, {"rebuilt": names["rebuilt"]})
    await unit.execute(_REOPEN, names)
    reason = f"applied by the rebuild of version {version}"
    await unit.execute(_CLOSE.of(version), {"live": CONSUMER, "by": BY, "reason": reason} | at)
    await unit.execute(_FORGET_KNOWN, names)
    await unit.execute(_TAKE_LETTERS, names)
