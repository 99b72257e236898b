"""Replaying dead letters: by decision of a person, through the consumer's own handler, one transaction each.

For an ordered consumer the whole queue of the key is replayed in its order, whichever of its rows was named, until
the first one that still fails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shared.contracts.envelope import BadRecord, decode
from shared.database.unit_of_work import Unit, Units
from shared.messaging import dead_letters, inbox, parking
from shared.messaging.delivery import Consumer, event_of

QUEUE = text(
    "SELECT * FROM dead_letters WHERE consumer = :consumer AND topic = :topic AND key = :key "
    "AND state IN ('dead', 'parked') ORDER BY \"offset\""
)
OPEN = text("SELECT * FROM dead_letters WHERE id = :id AND state IN ('dead', 'parked') FOR UPDATE")


class StillFails(Exception):
    """An event could not be applied this time either; `reason` and `detail` say why. Those before it were applied."""

    def __init__(self, letter: UUID, reason: str, detail: str) -> None:
        super().__init__(f"{letter}: {reason}")
        self.letter = letter
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Replay:
    """Replays the dead letters of one consumer in the name of `actor`, for `reason`."""

    units: Units
    consumer: Consumer
    actor: str
    reason: str

    async def run(self, letter: Mapping[str, Any]) -> int:
        """Applies a dead letter and, for an ordered consumer, its key's queue. Answers how many. Raises StillFails."""
        applied = 0
        for row in await self._queue(letter):
            applied += await self._apply(row)
        return applied

    async def _queue(self, letter: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        if not self.consumer.ordered or letter["key"] is None:
            return [letter]
        async with self.units.system() as unit:
            where = {"consumer": self.consumer.name, "topic": letter["topic"], "key": letter["key"]}
            return [dict(row) for row in await unit.all(QUEUE, where)]

    async def _apply(self, row: Mapping[str, Any]) -> int:
        try:
            async with self.units.system() as unit:
                if row["key"] is not None:
                    await parking.lock(
                        unit, self.consumer.name, row["topic"], bytes(row["key"]).decode(errors="replace")
                    )
                if await unit.one_or_none(OPEN, {"id": row["id"]}) is None:
                    return 0
                await self._handle(unit, row)
                await dead_letters.decide(unit, row["id"], "replayed", self.reason, by=self.actor)
                return 1
        except BadRecord as bad:
            raise StillFails(row["id"], bad.reason, bad.detail) from bad
        except Exception as error:
            raise StillFails(row["id"], type(error).__name__, dead_letters.one_line(error)) from error

    async def _handle(self, unit: Unit, row: Mapping[str, Any]) -> None:
        record = dead_letters.record_of(row)
        topic = self.consumer.topic_named(record.topic)
        envelope, data = decode(topic, record.key, record.value, record.headers, self.units.cipher)
        events: Sequence[Any] = [event_of(envelope, data, record)]
        if not self.consumer.deduplicates:
            events = await inbox.new_events(unit, self.consumer.name, events)
        if events:
            await self.consumer.handler(unit, events)
