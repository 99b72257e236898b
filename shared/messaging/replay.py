"""Replaying dead letters: by decision of a person, through the consumer's own handler, one transaction each.

For an ordered consumer the whole queue of the key is replayed in its order, whichever of its rows was named, until
the first one that still fails. What joins the queue meanwhile is replayed too: when the last one is applied under the
lock of the key, the queue is empty and the key goes on by itself.
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from shared.contracts.envelope import BadRecord, decode
from shared.database.unit_of_work import Unit, Units
from shared.messaging import dead_letters, inbox, parking
from shared.messaging.delivery import Consumer, event_of
from shared.messaging.pipeline import is_retryable

log = structlog.get_logger(__name__)

PAGE = 1000
SECONDS = 20.0  # of one call: a proxy would give up on a longer one. The rest stays parked, and is told.

# In order of ce_sequence: a predecessor that was sent again stands behind its successors on the topic. What has no
# sequence that can be read keeps its place among its neighbours.
QUEUE = text(
    """
    WITH queue AS (
        SELECT id, "offset", (
            SELECT CASE WHEN sequence ~ '^[0-9]{1,18}$' THEN sequence::bigint END
              FROM jsonb_array_elements(headers) AS header, encode(decode(header->>1, 'base64'), 'escape') AS sequence
             WHERE header->>0 = 'ce_sequence' LIMIT 1
        ) AS sequence
          FROM dead_letters
         WHERE consumer = :consumer AND topic = :topic AND key = :key AND state IN ('dead', 'parked')
    )
    SELECT id FROM queue
     ORDER BY coalesce(sequence, max(sequence) OVER (ORDER BY "offset"), 0), "offset" LIMIT :page
    """
)
OPEN = text("SELECT * FROM dead_letters WHERE id = :id AND state IN ('dead', 'parked') FOR UPDATE")


class StillFails(Exception):
    """An event could not be applied this time either; `reason` and `detail` say why, `passes` that another try may do.

    Those before it were applied: `applied` of them.
    """

    def __init__(self, letter: UUID, reason: str, detail: str, *, passes: bool = False) -> None:
        super().__init__(f"{letter}: {reason}")
        self.letter = letter
        self.reason = reason
        self.detail = dead_letters.without_zeros(detail)  # as the row and an answer that is kept can hold it
        self.passes = passes
        self.applied = 0


@dataclass(frozen=True)
class Replay:
    """Replays the dead letters of one consumer in the name of `actor`, for `reason`.

    A call begins no further event after `seconds`.
    """

    units: Units
    consumer: Consumer
    actor: str
    reason: str
    seconds: float = SECONDS

    async def run(self, letter: Mapping[str, Any]) -> int:
        """Applies a dead letter and, for an ordered consumer, its key's queue. Returns how many. Raises StillFails."""
        applied, until = 0, time.monotonic() + self.seconds
        try:
            async for row in self._queue(letter):
                applied += await self._apply(row)
                if time.monotonic() >= until:
                    break
        except StillFails as failure:
            failure.applied = applied
            raise
        finally:
            log.info("dead_letters_replayed", consumer=self.consumer.name, letter=str(letter["id"]), applied=applied)
        return applied

    async def _queue(self, letter: Mapping[str, Any]) -> AsyncIterator[Mapping[str, Any]]:
        """The open letters to apply, in their order, until there is none; by pages, and without their bytes."""
        if not self.consumer.ordered or letter["key"] is None:
            yield letter
            return
        while page := await self._page(letter):
            for row in page:
                yield {**letter, "id": row["id"]}

    async def _page(self, letter: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        where = {"consumer": self.consumer.name, "topic": letter["topic"], "key": letter["key"], "page": PAGE}
        async with self.units.system() as unit:
            return [dict(row) for row in await unit.all(QUEUE, where)]

    async def _apply(self, letter: Mapping[str, Any]) -> int:
        """Applies one in its transaction; 0 when somebody has decided about it meanwhile."""
        try:
            async with self.units.system() as unit:
                await parking.lock_of(unit, letter)
                row = await unit.one_or_none(OPEN, {"id": letter["id"]})
                if row is None:
                    return 0
                await self._handle(unit, dict(row))
                await dead_letters.decide(unit, row["id"], "replayed", self.reason, by=self.actor)
                return 1
        except BadRecord as bad:
            raise StillFails(letter["id"], bad.reason, bad.detail) from bad
        except Exception as error:
            reason, detail = type(error).__name__, dead_letters.one_line(error)
            raise StillFails(letter["id"], reason, detail, passes=is_retryable(error)) from error

    async def _handle(self, unit: Unit, row: Mapping[str, Any]) -> None:
        record = dead_letters.record_of(row)
        topic = self.consumer.topic_named(record.topic)
        envelope, data = decode(topic, record.key, record.value, record.headers, self.units.cipher)
        events: Sequence[Any] = [event_of(envelope, data, record)]
        if not self.consumer.deduplicates:
            events = await inbox.new_events(unit, self.consumer.name, events)
        if events:
            await self.consumer.handler(unit, events)
