"""A batch of events becomes facts, and they the current state, in one statement.

The event id is the inbox: a duplicate changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.reporting.current.projections import statements, types_of
from services.reporting.facts.natural_key import natural_key
from services.reporting.facts.versions import TOPICS, OfVersion, in_use
from shared.contracts.registry import all_contracts
from shared.contracts.topics import ATTENDANCE, BOOKING, PARTICIPANTS, SIGNATURES, SURVEYS
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event, Handler

_KEYED_BY_SESSION = {topic.name for topic in (BOOKING, ATTENDANCE, SURVEYS)}
_KEYED_BY_PARTICIPANT = {topic.name for topic in (SIGNATURES, PARTICIPANTS)}

_TYPES = types_of(contract for contract in all_contracts() if contract.topic in TOPICS)
_STATE = ", ".join(f"state_{n} AS ({insert})" for n, insert in enumerate(statements(_TYPES, "{at}", "added")))
RECORD = OfVersion(
    """
    WITH added AS (
    INSERT INTO {facts} (
        event_id, type, topic, partition, "offset", key, natural_key, sequence, occurred_at, recorded_at,
        session_id, participant_id, municipality, data
    )
    SELECT
        event_id, type, topic, partition, "offset", key, natural_key, sequence, occurred_at, recorded_at,
        session_id, participant_id, municipality, CAST(data AS jsonb)
    FROM unnest(
        CAST(:event_id AS uuid[]), CAST(:type AS text[]), CAST(:topic AS text[]), CAST(:partition AS integer[]),
        CAST(:offset AS bigint[]), CAST(:key AS text[]), CAST(:natural_key AS text[]), CAST(:sequence AS bigint[]),
        CAST(:occurred_at AS timestamptz[]), CAST(:recorded_at AS timestamptz[]), CAST(:session_id AS text[]),
        CAST(:participant_id AS text[]), CAST(:municipality AS text[]), CAST(:data AS text[])
    ) AS new (
        event_id, type, topic, partition, "offset", key, natural_key, sequence, occurred_at, recorded_at,
        session_id, participant_id, municipality, data
    )
    ON CONFLICT (event_id) DO NOTHING
    RETURNING event_id, type, topic, partition, key, natural_key, sequence, occurred_at, recorded_at, data
    ), """
    + _STATE
    + " SELECT 1"
)


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
    rows = [row_of(event) for event in events]
    await unit.execute(RECORD.of(version), {name: [row[name] for row in rows] for name in rows[0]})


def row_of(event: Event) -> dict[str, Any]:
    """The columns of a fact; `data` is the value as it came, so a later version's further fields are kept."""
    value = event.record.value
    fields: dict[str, Any] | None = vars(event.data) if event.data is not None else None
    by_session, by_participant = event.topic in _KEYED_BY_SESSION, event.topic in _KEYED_BY_PARTICIPANT
    envelope, participant = event.envelope, (fields or {}).get("participant_id")
    return {
        "event_id": envelope.id,
        "type": envelope.type,
        "topic": event.topic,
        "partition": event.partition,
        "offset": event.offset,
        "key": event.key,
        "natural_key": natural_key(envelope.type, event.key, envelope.id, fields),
        "sequence": envelope.sequence,
        "occurred_at": envelope.time,
        "recorded_at": envelope.recorded_at,
        "session_id": event.key if by_session else None,
        "participant_id": event.key if by_participant else participant and str(participant),
        "municipality": (fields or {}).get("municipality"),
        "data": value.decode() if value is not None else None,
    }
