"""The outbox: a change and its events commit in one transaction (events.md, guarantee 1).

Events are collected while the use case runs and written in one statement, just before commit or together with the rows
that the use case stores last. The counter row of each key is locked by that statement until commit, so `ce_sequence`
and `id` rise per key in commit order.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from shared.contracts.envelope import encode_headers, encode_value
from shared.contracts.registry import EventData, key_of
from shared.ids import Ids
from shared.security.cipher import Cipher
from shared.web.problems import Problem

MAX_VALUE_BYTES = 900_000  # below the broker's message.max.bytes: what is accepted here can always be sent

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows to insert by table. A column that a row leaves out is null."""

WRITE = """
    WITH {rows} event AS (
        SELECT * FROM ROWS FROM (json_to_recordset(CAST(CAST($1 AS text) AS json))
                                 AS (event_id uuid, topic text, key text, headers jsonb, value text))
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
    SELECT event_id, topic, key, last - number + nth, headers, convert_to(value, 'UTF8'), $2
      FROM placed JOIN counter USING (topic, key) ORDER BY position
"""
ROWS = """
    row_of_{table} AS (
        INSERT INTO {table}
        SELECT * FROM json_populate_recordset(CAST(NULL AS {table}), CAST(CAST(${number} AS text) AS json))
    ),
"""
FIRST_ROWS = 3  # the parameters before it are the events'


@cache
def write_statement(tables: tuple[str, ...]) -> str:
    """Inserts events, and in the same round trip rows of these tables: names from the code, never from a request."""
    rows = (ROWS.format(table=table, number=number) for number, table in enumerate(tables, start=FIRST_ROWS))
    return WRITE.format(rows="".join(rows))


Fetch = Callable[..., Awaitable[object]]


@dataclass(frozen=True)
class Cause:
    """Where an event comes from: the request that began it, the event that caused it, the trace it belongs to."""

    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return to_json(rows).decode()


class Outbox:
    """The events of one transaction."""

    def __init__(self, source: str, ids: Ids, cipher: Cipher | None) -> None:
        self.source = source
        self.ids = ids
        self.cipher = cipher
        self._pending: list[dict[str, Any]] = []
        self.written = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._pending)

    def forget_after(self, length: int) -> None:
        """Drops the events added after the first `length`."""
        del self._pending[length:]

    def add(self, data: EventData, *, key: str | None, time: datetime, recorded_at: datetime, cause: Cause) -> UUID:
        """Adds an event to the transaction; returns its id. Raises 413 when it is too large to send."""
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
        """Adds a tombstone: the compacted topic forgets the key."""
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
        if self._closed:
            raise RuntimeError("the unit has stored its events: one more would lock its counter out of order")
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
        text = None if value is None else value.decode()  # JSON, also when it is encrypted
        topic = contract.topic.name
        self._pending.append({"event_id": event_id, "topic": topic, "key": key, "headers": headers, "value": text})
        return event_id

    async def flush(self, fetch: Fetch, recorded_at: datetime, rows: Rows | None = None) -> None:
        """Writes the collected events and these rows by the unit's own `fetch`; `written` counts the events."""
        rows = rows or {}
        pending, self._pending, self._closed = self._pending, [], True
        await fetch(
            write_statement(tuple(rows)),
            _json(pending),
            recorded_at,
            *map(_json, rows.values()),
        )
        self.written += len(pending)
