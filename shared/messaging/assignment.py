"""Where a consumer begins: at the position that committed with its last effect, not at the group's offset.

The group's offset is committed after the effect and by Kafka; the two can part, most of all when one of them is
restored from a backup. What the database says is what was applied.
"""

from collections.abc import Iterable
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.messaging.watchdog import Activity

log = structlog.get_logger(__name__)

APPLIED = text("SELECT topic, partition, next_offset FROM consumer_positions WHERE consumer = :consumer")


class FromPositions(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Seeks each newly assigned partition to its position, and notes what is held.

    `subscriber` is set once it exists.
    """

    def __init__(self, engine: AsyncEngine, consumer: str, prefix: str, activity: Activity) -> None:
        self.engine = engine
        self.consumer = consumer
        self.prefix = prefix
        self.activity = activity
        self.subscriber: Any = None

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing to save: positions commit with each effect."""
        self.activity.revoked()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        await self._seek(assigned)
        self.activity.assigned(
            frozenset((place.topic.removeprefix(self.prefix), place.partition) for place in assigned)
        )

    async def _seek(self, assigned: Iterable[TopicPartition]) -> None:
        try:
            async with self.engine.connect() as connection:
                rows = (await connection.execute(APPLIED, {"consumer": self.consumer})).all()
        except Exception as error:
            # The group's offsets are never ahead of what was applied while both are alive: begin there.
            log.warning("positions_not_read", consumer=self.consumer, error=type(error).__name__)
            return
        applied = {(self.prefix + row.topic, row.partition): row.next_offset for row in rows}
        for place in assigned:
            self.subscriber.consumer.seek(place, applied.get((place.topic, place.partition), 0))
