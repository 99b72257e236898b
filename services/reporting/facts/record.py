"""A batch of events becomes facts, and they the current state, in one statement.

The event id is the inbox: a duplicate changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from services.reporting.current.projections import statements, types_of
from services.reporting.facts.natural_key import natural_key
from services.reporting.facts.versions import TOPICS, OfVersion, in_use
from shared.contracts.registry import all_contracts
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event, Handler

_TYPES = types_of(contract for contract in all_contracts() if contract.topic in TOPICS)
_PROJECTION = {one: projection for projection, types in _TYPES.items() for one in types}
_ADDED: Final = """
    INSERT INTO {facts} (
        event_id, type, topic, partition, "offset", key, natural_key, sequence, occurred_at, recorded_at, data
    )
    SELECT
        event_id, type, topic, partition, "offset", key, natural_key, sequence, occurred_at, recorded_at,
        CAST(data AS jsonb)
    FROM unnest(
        CAST(:event_id AS uuid[]), CAST(:type AS text[]), CAST(:topic AS text[]), CAST(:partition AS integer[]),
        CAST(:offset AS bigint[]), CAST(:key AS text[]), CAST(:natural_key AS text[]), CAST(:sequence AS bigint[]),
        CAST(:occurred_at AS timestamptz[]), CAST(:recorded_at AS timestamptz[]), CAST(:data AS text[])
    ) AS new (
        event_id, type, topic, partition, "offset", key, natural_key, sequence, occurred_at, recorded_at, data
    )
    ON CONFLICT (event_id) DO NOTHING
    RETURNING event_id, type, topic, partition, key, natural_key, sequence, occurred_at, recorded_at, data
"""


@cache
def _recording(projections: frozenset[str]) -> OfVersion:
    """The statement for facts of these projections: the others' inserts would find nothing, which costs time, too."""
    types = {name: taken for name, taken in _TYPES.items() if name in projections}
    state = [f"state_{n} AS ({insert})" for n, insert in enumerate(statements(types, "{at}", "added"))]
    return OfVersion(f"WITH added AS ({_ADDED}), {', '.join(state)} SELECT 1")


def projected(at: str, facts: str) -> list[str]:
    """The statements that fill the current state's tables at a schema from facts."""
    return statements(_TYPES, at, facts)


async def record(unit: Unit, events: Sequence[Event]) -> None:
    """Inserts the facts of a batch; positions are noted by the pipeline in the same transaction."""
    await _insert(unit, events, await in_use(unit))


def record_into(version: int) -> Handler:
    """The same into one version, whether it counts or not: for rebuilding it."""

    async def handle(unit: Unit, events: Sequence[Event]) -> None:
        await _insert(unit, events, version)

    return handle


async def _insert(unit: Unit, events: Sequence[Event], version: int) -> None:
    await insert(unit, columns_of(events), version)


async def insert(unit: Unit, columns: Mapping[str, Sequence[Any]], version: int) -> None:
    """Inserts facts, column by column, and takes them into the current state."""
    projections = frozenset(_PROJECTION[one] for one in set(columns["type"]) if one in _PROJECTION)
    await unit.execute(_recording(projections).of(version), columns)


def columns_of(events: Sequence[Event]) -> dict[str, list[Any]]:
    """The facts of events; `data` is the value as it came, so a later version's further fields are kept."""
    envelopes, records = [event.envelope for event in events], [event.record for event in events]
    return {
        "event_id": [one.id for one in envelopes],
        "type": [one.type for one in envelopes],
        "topic": [one.topic for one in records],
        "partition": [one.partition for one in records],
        "offset": [one.offset for one in records],
        "key": [event.key for event in events],
        "natural_key": [_natural_key(event) for event in events],
        "sequence": [one.sequence for one in envelopes],
        "occurred_at": [one.time for one in envelopes],
        "recorded_at": [one.recorded_at for one in envelopes],
        "data": [None if one.value is None else one.value.decode() for one in records],
    }


def _natural_key(event: Event) -> str:
    return natural_key(event.type, event.key, event.id, None if event.data is None else vars(event.data))
