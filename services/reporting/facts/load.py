"""Reading the facts below a cut-off, once per state of the database: the figures of one state share one value."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from services.reporting.facts.assemble import StoredFact, assemble
from services.reporting.figures.model import CutOff, Facts
from shared.database.unit_of_work import Unit

CONSUMER: Final = "reporting-v1"
"""Name of the consumer that records facts of schema version 1, of its group and of its positions."""

# The count tells of a replayed dead letter, which adds a fact below a position already passed.
_STATE = text(
    "SELECT topic, partition, next_offset, (SELECT count(*) FROM facts_v1.facts) AS facts "
    "FROM consumer_positions WHERE consumer = :consumer ORDER BY topic, partition"
)
# Compared with the positions read before: what is committed meanwhile stays out.
_BELOW = text(
    "SELECT CAST(fact.event_id AS text) AS event_id, fact.type, fact.key, fact.natural_key, fact.sequence, "
    "fact.occurred_at, fact.recorded_at, fact.data FROM facts_v1.facts AS fact "
    "JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:offsets AS bigint[])) "
    'AS known (topic, partition, next_offset) USING (topic, partition) WHERE fact."offset" < known.next_offset '
    "AND (CAST(:known_at AS timestamptz) IS NULL OR fact.recorded_at <= :known_at)"
)


class FactsReader:
    """Loads facts for every role: figures are sums over all rows, and say what each role may see of them."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._state: Sequence[Any] = ()
        self._facts: Facts | None = None

    async def current(self, unit: Unit) -> Facts:
        """Everything recorded so far; the same value until something more is recorded."""
        async with unit.as_system(), self._lock:
            state = await _state(unit)
            if self._facts is None or state != self._state:
                self._facts, self._state = await _load(unit, state, None), state
            return self._facts

    async def cut_off(self, unit: Unit) -> CutOff:
        """What has been read so far, without loading it."""
        async with unit.as_system():
            return _cut_off(await _state(unit))

    async def below(self, unit: Unit, cut_off: CutOff) -> Facts:
        """What lies below a cut-off that was taken earlier."""
        state = [
            (topic, int(partition), next_offset, 0)
            for topic, partitions in sorted(cut_off.items())
            for partition, next_offset in sorted(partitions.items())
        ]
        async with unit.as_system():
            return await _load(unit, state, None)

    async def known_at(self, unit: Unit, moment: datetime) -> Facts:
        """What had been recorded by that moment."""
        async with unit.as_system():
            return await _load(unit, await _state(unit), moment)


async def _state(unit: Unit) -> list[tuple[str, int, int, int]]:
    rows = await unit.all(_STATE, {"consumer": CONSUMER})
    return [(row["topic"], row["partition"], row["next_offset"], row["facts"]) for row in rows]


async def _load(unit: Unit, state: Sequence[tuple[str, int, int, int]], known_at: datetime | None) -> Facts:
    parameters = {
        "topics": [topic for topic, *_ in state],
        "partitions": [partition for _, partition, *_ in state],
        "offsets": [offset for _, _, offset, _ in state],
        "known_at": known_at,
    }
    rows = (await unit.execute(_BELOW, parameters)).all()
    # In a thread: a year of facts takes some tenths of a second, and consumers share the loop.
    return await asyncio.to_thread(lambda: assemble(itertools.starmap(StoredFact, rows), _cut_off(state)))


def _cut_off(state: Sequence[tuple[str, int, int, int]]) -> CutOff:
    result: dict[str, dict[str, int]] = {}
    for topic, partition, next_offset, _ in state:
        result.setdefault(topic, {})[str(partition)] = next_offset
    return result
