"""The outbox: a change and its events commit in one transaction (events.md, guarantee 1).

Events are collected while the use case runs and written in one statement just before commit. The counter row of each
key is locked by that statement until commit, so `ce_sequence` and `id` rise per key in commit order.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.envelope import encode_headers, encode_value
from shared.contracts.registry import EventData, key_of
from shared.ids import Ids
from shared.security.cipher import Cipher
from shared.web.problems import Problem

MAX_VALUE_BYTES = 900_000  # below the broker's message.max.bytes: what is accepted here can always be sent

WRITE = """
    WITH event AS (
        SELECT * FROM unnest(CAST($1 AS uuid[]), CAST($2 AS text[]), CAST($3 AS text[]),
                             CAST(CAST($4 AS text[]) AS jsonb[]), CAST($5 AS bytea[]))
               WITH ORDINALITY AS e (event_id, topic, key, headers, value, position)
    ), placed AS (
        SELECT *, row_number() OVER (PARTITION BY topic, key ORDER BY position) AS nth,
               count(*) OVER (PARTITION BY topic, key) AS number
          FROM event
    ), counter AS (
        INSERT INTO event_counters AS counters (topic, key, last)
        SELECT topic, key, count(*) FROM event GROUP BY topic, key ORDER BY topic, key
        ON CONFLICT (topic, key) DO UPDATE SET last = counters.last + excluded.last
        RETURNING topic, key, last
    )
    INSERT INTO outbox (event_id, topic, key, sequence, headers, value, recorded_at)
    SELECT event_id, topic, key, last - number + nth, headers, value, $6
      FROM placed JOIN counter USING (topic, key) ORDER BY position
"""


Fetch = Callable[..., Awaitable[object]]


@dataclass(frozen=True)
class Cause:
    """Where an event comes from: the request that began it, the event that caused it, the trace it belongs to."""

    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True)
class _Pending:
    event_id: UUID
    topic: str
    key: str
    headers: dict[str, str]
    value: bytes | None


class Outbox:
    """The events of one transaction."""

    def __init__(self, source: str, ids: Ids, cipher: Cipher | None) -> None:
        self.source = source
        self.ids = ids
        self.cipher = cipher
        self._pending: list[_Pending] = []

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, data: EventData, *, key: str | None, time: datetime, recorded_at: datetime, cause: Cause) -> UUID:
        """Takes an event along with the transaction; answers its id. Raises 413 when it is too large to send."""
        key = key_of(data) if key is None else key
        value = encode_value(data, key=key, cipher=self.cipher)
        if len(value) > MAX_VALUE_BYTES:
            raise Problem(
                "event-too-large",
                413,
                "Ändringen är för stor för ett meddelande. Dela upp den i flera.",
                "The change is too large for one message. Split it into several.",
            )
        return self._add(type(data), key, value, time, recorded_at, cause)

    def add_tombstone(
        self, contract: type[EventData], *, key: str, time: datetime, recorded_at: datetime, cause: Cause
    ) -> UUID:
        """Takes a deletion along: the compacted topic forgets the key."""
        return self._add(contract, key, None, time, recorded_at, cause)

    def _add(
        self,
        contract: type[EventData],
        key: str,
        value: bytes | None,
        time: datetime,
        recorded_at: datetime,
        cause: Cause,
    ) -> UUID:
        # Anonymous answers: not even the id may tell the moment.
        event_id = self.ids.uuid7() if contract.traced else self.ids.uuid4()
        headers = encode_headers(
            contract,
            event_id=event_id,
            source=self.source,
            subject=contract.topic.subject_of(key),
            time=time,
            recorded_at=recorded_at,
            sequence=0,  # known only when the counter is locked; the relay sends the row's `sequence`
            correlation_id=cause.correlation_id,
            causation_id=cause.causation_id,
            traceparent=cause.traceparent,
        )
        self._pending.append(_Pending(event_id, contract.topic.name, key, headers, value))
        return event_id

    async def flush(self, fetch: Fetch, recorded_at: datetime) -> int:
        """Writes the collected events by the unit's own `fetch`; answers how many there were."""
        pending, self._pending = self._pending, []
        if pending:
            await fetch(
                WRITE,
                [event.event_id for event in pending],
                [event.topic for event in pending],
                [event.key for event in pending],
                [json.dumps(event.headers) for event in pending],
                [event.value for event in pending],
                recorded_at,
            )
        return len(pending)
