"""One batch subscriber per consumer over all its topics, on a FastStream broker that the service's lifespan starts."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaTimeoutError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from sqlalchemy import text

from shared.clock import Clock
from shared.database.unit_of_work import Units
from shared.messaging.assignment import FromPositions
from shared.messaging.delivery import Consumer, Delivery
from shared.messaging.fetching import CarefulConsumer
from shared.messaging.parser import PassThrough, records_of
from shared.messaging.pipeline import Pipeline
from shared.messaging.watchdog import Activity, Place, Standing
from shared.observability import metrics

BATCH = 500
BATCH_TIMEOUT_MS = 50  # for which FastStream sleeps after a look that found nothing: what comes meanwhile waits
PATIENCE_MS = 2_000  # for which a look waits instead: at rest it looks seldom, and what comes is taken at once
# The client's background work is woken by whatever changes; asked five times a second, as is its wont, whether anything
# had, a dozen consumers made half of what the services did at rest.
LOOK_MS = 5_000
FETCHED_BYTES = 2**20  # of one partition, fetched ahead of the batch under way: a slow database costs no more memory
ANSWER_SECONDS = 10.0  # for the broker to say where a topic ends; the watchdog must not be blind because it is silent
SESSION_TIMEOUT_MS = 45_000  # longer than a restart: with static membership nobody else takes the partitions meanwhile

Ask = Callable[[AIOKafkaConsumer, Sequence[TopicPartition]], Awaitable[Mapping[TopicPartition, int]]]

POSITIONS = text("SELECT consumer, topic, partition, next_offset FROM consumer_positions")


@dataclass(frozen=True)
class Progress:
    """`lag`: records not applied yet; `applied`: sum of all positions, which rises with every applied record.
    `standings`: the same by consumer and partition.
    """

    lag: int
    applied: int
    standings: Mapping[str, Mapping[Place, Standing]] = field(default_factory=dict)


class Consuming:
    """The consumers of one service in this process."""

    def __init__(
        self,
        units: Units,
        consumers: Sequence[Consumer],
        *,
        bootstrap_servers: str,
        instance: str,
        prefix: str = "",
        pipeline: type[Pipeline] = Pipeline,
        clock: Clock,
    ) -> None:
        self.units = units
        self.consumers = tuple(consumers)
        self.activities = {consumer.name: Activity() for consumer in self.consumers}
        self.bootstrap_servers = bootstrap_servers
        self.instance = instance
        self.prefix = prefix
        self.pipeline = pipeline
        self.clock = clock
        self.let_pass: Callable[[], Awaitable[None]] | None = None  # what patient consumers wait for
        self.broker = KafkaBroker(
            bootstrap_servers,
            client_id=f"{units.service}-{instance}",
            consumer_only=True,
            apply_types=False,
            logger=None,
            graceful_timeout=10,
        )
        self._ends: AIOKafkaConsumer | None = None
        self._opening = asyncio.Lock()
        self._subscribers: dict[str, Any] = {}
        for consumer in self.consumers:
            self._subscribe(consumer)

    def _subscribe(self, consumer: Consumer) -> None:
        deliver = self.pipeline(consumer, self.units).build()
        through = PassThrough()
        activity = self.activities[consumer.name]
        start = FromPositions(self.units.engine, consumer.name, self.prefix, activity)
        through.subscriber = start.subscriber = self.broker.subscriber(
            *(self.prefix + topic.name for topic in consumer.topics),
            batch=True,
            group_id=self.prefix + consumer.name,
            group_instance_id=f"{self.instance}.{consumer.name}",
            max_records=BATCH,
            batch_timeout_ms=BATCH_TIMEOUT_MS,
            consumer_timeout_ms=LOOK_MS,
            max_partition_fetch_bytes=FETCHED_BYTES,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            listener=start,
            parser=through.parse,
            decoder=through.decode,
        )

        self._subscribers[consumer.name] = through.subscriber

        async def take(batch: Any) -> None:
            if consumer.patient and self.let_pass is not None:
                await self.let_pass()
            records = records_of(batch, self.prefix)
            failed = True
            activity.begin()
            try:
                await deliver(Delivery(records))
                failed = False
            finally:
                activity.end(failed=failed)
            youngest = max(raw.timestamp for raw in batch) / 1000
            age = max(0.0, self.clock.now().timestamp() - youngest)
            metrics.EVENT_AGE_SECONDS.labels(self.units.service, consumer.name).observe(age)

        through.subscriber(take)

    async def start(self) -> None:
        if self.consumers:
            await self.broker.connect()
            # FastStream has no setting for the client that subscribers fetch with; connecting decides it.
            config: Any = self.broker.config.broker_config  # declares its builder only as a callable
            # A start that failed half way is made again, on what it has left.
            keywords = config.builder.keywords | {"patience_ms": PATIENCE_MS}
            config.builder = partial(CarefulConsumer, **keywords)
            await self.broker.start()

    async def stop(self) -> None:
        """Ends after the batch under way."""
        await self.broker.stop()
        if self._ends is not None:
            await self._ends.stop()
            self._ends = None

    async def progress(self) -> Progress:
        """How far this service's database is, over all processes of the service.

        Read from the positions that commit with each effect, not from the group's offsets: lag 0 means applied. Raises
        KafkaError when the broker leaves a question without answer for `ANSWER_SECONDS`.
        """
        self._note_unreadable()
        ends = await self._offsets(AIOKafkaConsumer.end_offsets, {place for _, place in self._watched})
        applied = await self._positions()
        short = {place for name, place in self._watched if applied.get((name, place), 0) < ends[place]}
        # What a topic holds no more is nothing to wait for: a new database would lag, and stall, for good.
        first = await self._offsets(AIOKafkaConsumer.beginning_offsets, short)
        standings: dict[str, dict[Place, Standing]] = {}
        for name, place in self._watched:
            position = applied.get((name, place), 0)
            lag = max(0, ends[place] - max(position, first.get(place, 0)))
            standings.setdefault(name, {})[place] = Standing(lag, position)
        lags = (standing.lag for of_consumer in standings.values() for standing in of_consumer.values())
        return Progress(sum(lags), sum(applied.values()), standings)

    @property
    def _watched(self) -> list[tuple[str, Place]]:
        """Every partition of every consumer."""
        return [
            (consumer.name, (topic.name, partition))
            for consumer in self.consumers
            for topic in consumer.topics
            for partition in range(topic.partitions)
        ]

    def _note_unreadable(self) -> None:
        for name, subscriber in self._subscribers.items():
            fetching = getattr(subscriber, "consumer", None)
            if isinstance(fetching, CarefulConsumer):  # there is none before the start
                places = ((place.topic.removeprefix(self.prefix), place.partition) for place in fetching.unreadable)
                self.activities[name].unreadable = frozenset(places)

    async def _positions(self) -> dict[tuple[str, Place], int]:
        async with self.units.system() as unit:
            rows = await unit.all(POSITIONS)
        return {(row["consumer"], (row["topic"], row["partition"])): row["next_offset"] for row in rows}

    async def _offsets(self, ask: Ask, places: Collection[Place]) -> dict[Place, int]:
        """What the broker says of these partitions; it is not asked about none."""
        if not places:
            return {}
        wanted = [TopicPartition(self.prefix + topic, partition) for topic, partition in places]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                offsets = await ask(await self._asked(), wanted)
        except TimeoutError as error:
            raise KafkaTimeoutError(f"no answer within {ANSWER_SECONDS:.0f} s") from error
        return {(place.topic.removeprefix(self.prefix), place.partition): offset for place, offset in offsets.items()}

    async def _asked(self) -> AIOKafkaConsumer:
        """The client that is asked where topics begin and end, one for all callers."""
        async with self._opening:
            if self._ends is None:
                ends = AIOKafkaConsumer(
                    bootstrap_servers=self.bootstrap_servers, client_id=f"{self.units.service}-ends"
                )
                try:
                    await ends.start()
                except BaseException:
                    await ends.stop()  # else its sockets stay open
                    raise
                self._ends = ends
        return self._ends
