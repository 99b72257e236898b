"""Fetching without losing what was already taken: a partition that cannot be read stands still, alone.

aiokafka takes records partition by partition out of what it has fetched and moves each position as it goes. When one
partition cannot be read (a checksum that is wrong), it raises, and what it had taken of the others is gone while their
positions have passed it. Here positions go back to what was handed out, and each partition is read by itself, record by
record, until one shows that it can be read.
"""

import asyncio
import time
from collections.abc import Collection
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

from shared.observability import metrics

log = structlog.get_logger(__name__)

READS_A_TURN = 100  # records read one by one before a suspected partition is trusted again
ANSWER_SECONDS = 5.0  # for the broker to say where a topic begins: records wait meanwhile
FETCH_MS, RESTING_FETCH_MS = 500, 2_500  # for which the broker keeps a question while it has no records
PAUSE_SECONDS = 5.0  # before a damaged record is tried again: a checksum may have failed on the way


class CarefulConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka ships no types
    """Hands out every record of a partition in its order, whatever other partitions hold.

    `patience_ms`: a look for records waits at least so long while there are none, and after one that found nothing the
    broker is asked less often. Records end both at once.
    """

    def __init__(self, *topics: str, patience_ms: int = 0, **options: Any) -> None:
        super().__init__(*topics, **options)
        self._patience_ms = patience_ms
        self._handed_out: dict[TopicPartition, int] = {}  # the next offset of each partition
        self._suspected: set[TopicPartition] = set()
        self._unreadable_until: dict[TopicPartition, float] = {}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Moves a partition; what comes next is the record at `offset`."""
        self._handed_out[partition] = offset
        super().seek(partition, offset)

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[Any]]:
        """Records by partition. Raises nothing because of one record: its partition is left out, and logged."""
        wanted = partitions or self.assignment()
        taken = await self._from_suspected(wanted)
        trusted = [place for place in self.assignment() if place in wanted and place not in self._suspected]
        if taken or (self._suspected and not trusted):
            await asyncio.sleep(0 if taken else timeout_ms / 1000)
            return taken
        only = trusted if self._suspected else partitions
        try:
            # A suspected partition has its next turn after this look.
            patience = timeout_ms if self._suspected else max(timeout_ms, self._patience_ms)
            taken = dict(await super().getmany(*only, timeout_ms=patience, max_records=max_records))
        except ConsumerStoppedError:
            raise
        except Exception as error:
            log.error("fetch_failed", error=type(error).__name__)
            await self._suspect()
            return {}
        await self._note(taken)
        if self._patience_ms:
            # Less often only at rest: while records come, a partition that was left out of one question waits for the
            # end of it. The client has no way to change it but this.
            self._fetcher._fetch_max_wait_ms = FETCH_MS if taken else RESTING_FETCH_MS
        return taken

    @property
    def unreadable(self) -> frozenset[TopicPartition]:
        """Partitions that stand still before a record that cannot be read: it is damaged."""
        return frozenset(place for place in self._unreadable_until if place in self._suspected)

    async def _suspect(self) -> None:
        """Nobody knows which partition it was: all of them go back to what was handed out, or to where they began."""
        for place in self.assignment() - self._handed_out.keys():
            began = await self.committed(place) or 0  # nobody has sent it anywhere
            self._handed_out.setdefault(place, began)
        for place in self.assignment():
            self._suspected.add(place)
            self._back(place)

    async def _from_suspected(self, wanted: Collection[TopicPartition]) -> dict[TopicPartition, list[Any]]:
        taken: dict[TopicPartition, list[Any]] = {}
        self._suspected &= self.assignment()
        for place in list(self._suspected):
            if place not in wanted or self._unreadable_until.get(place, 0) > time.monotonic():
                continue
            if records := await self._one_by_one(place):
                taken[place] = records
        return taken

    async def _one_by_one(self, place: TopicPartition) -> list[Any]:
        """The records up to the one that cannot be read; it is tried again after a pause."""
        records: list[Any] = []
        try:
            while len(records) < READS_A_TURN:
                one = (await super().getmany(place, timeout_ms=0, max_records=1)).get(place, [])
                if not one:
                    break
                await self._note({place: one})
                records += one
        except ConsumerStoppedError:
            raise
        except Exception as error:
            offset = self._handed_out.get(place)
            at = {"topic": place.topic, "partition": place.partition, "offset": offset}
            log.error("record_unreadable", **at, error=type(error).__name__)
            self._unreadable_until[place] = time.monotonic() + PAUSE_SECONDS
            return records
        if records:  # without any nothing is known: the fetch may be on its way
            self._suspected.discard(place)
            self._unreadable_until.pop(place, None)
        return records

    async def _note(self, taken: dict[TopicPartition, list[Any]]) -> None:
        for place, records in taken.items():
            if records[0].offset > self._handed_out.get(place, records[0].offset):
                await self._explain(place, self._handed_out[place])
            self._handed_out[place] = records[-1].offset + 1

    async def _explain(self, place: TopicPartition, expected: int) -> None:
        """Offsets were passed over. Compaction and transactions leave such gaps; what was removed before anybody here
        applied it is a loss, of which the log is the only witness.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                first = (await self.beginning_offsets([place]))[place]
        except (KafkaError, TimeoutError) as error:
            log.warning("gap_not_explained", topic=place.topic, partition=place.partition, error=type(error).__name__)
            return
        if first > expected:
            metrics.RECORDS_GONE.labels(place.topic).inc(first - expected)
            log.error(
                "records_gone",
                topic=place.topic,
                partition=place.partition,
                applied=expected,
                first=first,
                gone=first - expected,
            )

    def _back(self, place: TopicPartition) -> None:
        if place in self._handed_out:
            super().seek(place, self._handed_out[place])
