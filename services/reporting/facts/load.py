"""Reading the facts below a cut-off. What has been read is kept: the next question reads only what came since."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from starlette.requests import Request

from services.reporting.facts.assemble import Assembly, StoredFact
from services.reporting.facts.versions import CONSUMER, OfVersion, in_use
from services.reporting.figures.model import CutOff, Facts
from shared.database.unit_of_work import Unit

_STATE = OfVersion(
    "SELECT topic, partition, next_offset, (SELECT count(*) FROM {facts}) AS facts "
    "FROM consumer_positions WHERE consumer = :consumer ORDER BY topic, partition"
)
# Compared with positions read before: what is committed meanwhile stays out.
_BETWEEN = OfVersion(
    "SELECT CAST(fact.event_id AS text) AS event_id, fact.type, fact.key, fact.natural_key, fact.sequence, "
    "fact.occurred_at, fact.recorded_at, fact.data FROM {facts} AS fact "
    "JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:after AS bigint[]), "
    "CAST(:below AS bigint[])) AS wanted (topic, partition, after, below) USING (topic, partition) "
    'WHERE fact."offset" >= wanted.after AND fact."offset" < wanted.below '
    "AND (CAST(:known_at AS timestamptz) IS NULL OR fact.recorded_at <= :known_at)"
)

Place = tuple[str, int]
"""Topic and partition."""


@dataclass(frozen=True)
class _State:
    """How far every partition has been read, how many facts that made, and in which version of them."""

    positions: Mapping[Place, int] = field(default_factory=dict)
    facts: int = 0
    version: int = 0

    @property
    def cut_off(self) -> CutOff:
        result: dict[str, dict[str, int]] = {}
        for (topic, partition), next_offset in self.positions.items():
            result.setdefault(topic, {})[str(partition)] = next_offset
        return result


NOTHING: Final = _State()


class FactsReader:
    """Loads facts for every role: figures are sums over all rows, and say what each role may see of them."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._state = NOTHING
        self._assembly = Assembly()
        self._facts: Facts | None = None

    async def current(self, unit: Unit) -> Facts:
        """Everything recorded so far; the same value until something more is recorded."""
        async with unit.as_system(), self._lock:
            state = await _state(unit)
            if self._facts is None or state != self._state:
                self._facts = await self._advance(unit, state)
            return self._facts

    async def cut_off(self, unit: Unit) -> CutOff:
        """What has been read so far, without loading it."""
        async with unit.as_system():
            return (await _state(unit)).cut_off

    async def below(self, unit: Unit, cut_off: CutOff) -> Facts:
        """What lies below a cut-off that was taken earlier."""
        positions = {
            (topic, int(partition)): next_offset
            for topic, partitions in sorted(cut_off.items())
            for partition, next_offset in sorted(partitions.items())
        }
        return await facts_of(unit, await in_use(unit), positions)

    async def known_at(self, unit: Unit, moment: datetime) -> Facts:
        """What had been recorded by that moment."""
        async with unit.as_system():
            return await _load(unit, await _state(unit), moment)

    async def _advance(self, unit: Unit, state: _State) -> Facts:
        assembly, before = self._assembly, self._state
        self._assembly, self._state = Assembly(), NOTHING  # a failure on the way leaves nothing half-added
        if before.version != state.version:  # the facts were rebuilt: what was read counts no more
            assembly, before = Assembly(), NOTHING
        await _add(unit, assembly, before, state)
        if len(assembly) != state.facts:  # a replayed dead letter lies below positions that were read before
            assembly = Assembly()
            await _add(unit, assembly, NOTHING, state)
        facts = await asyncio.to_thread(assembly.facts, state.cut_off)
        self._assembly, self._state = assembly, state
        return facts


def reader_of(request: Request) -> FactsReader:
    """The service's reader of facts."""
    reader: FactsReader = request.app.state.facts
    return reader


async def facts_of(unit: Unit, version: int, positions: Mapping[Place, int]) -> Facts:
    """What one version holds below these positions."""
    return await _load(unit, _State(positions, version=version), None)


async def _state(unit: Unit) -> _State:
    version = await in_use(unit)
    rows = await unit.all(_STATE.of(version), {"consumer": CONSUMER})
    positions = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    return _State(positions, rows[0]["facts"] if rows else 0, version)


async def _load(unit: Unit, state: _State, known_at: datetime | None) -> Facts:
    assembly = Assembly()
    async with unit.as_system():
        await _add(unit, assembly, NOTHING, state, known_at)
    return await asyncio.to_thread(assembly.facts, state.cut_off)


async def _add(unit: Unit, assembly: Assembly, after: _State, below: _State, known_at: datetime | None = None) -> None:
    places = list(below.positions)
    parameters = {
        "topics": [topic for topic, _ in places],
        "partitions": [partition for _, partition in places],
        "after": [after.positions.get(place, 0) for place in places],
        "below": [below.positions[place] for place in places],
        "known_at": known_at,
    }
    rows = (await unit.execute(_BETWEEN.of(below.version), parameters)).all()
    # In a thread: a year of facts takes some tenths of a second, and consumers share the loop.
    await asyncio.to_thread(assembly.add, itertools.starmap(StoredFact, rows))
